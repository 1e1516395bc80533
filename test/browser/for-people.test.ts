import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { TabOptions } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

/** Every page, by its address, and what its title says. */
const PAGES = {
  '/endpoints': 'Endpoints',
  '/deliveries': 'Deliveries',
  '/endpoints/new': 'Add endpoint',
  '/endpoints/ep_none': 'No such endpoint',
  '/endpoints/a/b/c': 'Nothing here',
};

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
  await setup.api.createEndpoint({ url: new URL('/shown', setup.receiver.url), allEvents: true });
  await setup.api.publishEvent('invoice.paid');
  await setup.receiver.receive(1);
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('every page', ({ open }) => {
  const openPage = async (path: string, options?: TabOptions) => {
    const tab = await open(`${setup.service.url}${path}#token=${API_KEY}`, options);
    await tab.see(tab.page.getByRole('heading', { level: 1 }));
    return tab;
  };

  it.each(Object.entries(PAGES))('such as %s is easy on everybody and says what it is', async (path, title) => {
    for (const options of [{ theme: 'light' }, { theme: 'dark' }, { isPhone: true }] satisfies TabOptions[]) {
      const tab = await openPage(path, options);
      await eventually('its title', async () => (await tab.page.title()) === `${title} · Webhooks`);
      expect(await tab.accessibilityFaults()).toEqual([]);
      await tab.close();
    }
  });

  it.each(Object.keys(PAGES))('such as %s needs no scrolling to the side, at twice the size either', async (path) => {
    for (const width of [390, 640, 1280]) {
      const tab = await openPage(path);
      await tab.page.setViewportSize({ width, height: 400 });
      expect(await tab.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await tab.close();
    }
  });

  it('takes the focus when one goes there by the keyboard', async () => {
    const tab = await openPage('/endpoints');
    await tab.link('Deliveries').focus();
    await tab.page.keyboard.press('Enter');

    await tab.see(tab.page.locator('h1:focus').filter({ hasText: 'Deliveries' }));
  });

  it('moves nothing for those who want that', async () => {
    const tab = await openPage('/endpoints');
    await tab.page.emulateMedia({ reducedMotion: 'reduce' });
    await tab.row('/shown').getByRole('button').click();
    await tab.see(tab.field('Data'));

    const longest = await tab.page.evaluate(
      'Math.max(0, ...document.getAnimations().map((one) => one.effect.getTiming().duration))',
    );

    expect(longest).toBeLessThanOrEqual(1);
  });

  it('is painted soon', async () => {
    const tab = await openPage('/endpoints');
    await tab.see(tab.row('/shown'));
    const paintMs = await tab.page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0].startTime',
    );

    process.stderr.write(`First paint after ${Math.round(paintMs)} ms.\n`);
    expect(paintMs).toBeGreaterThan(0);
  });
});
