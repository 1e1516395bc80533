import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import { Line } from '../support/browser/line.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import { API_KEY, OTHER_API_KEY, type Setup, setUp } from '../support/service.js';

const MANY = 1_500;

let setup: Setup;
/** By their paths, of the account that the tests read. */
const endpoints: Record<string, EndpointView> = {};

beforeAll(async () => {
  setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer(({ path }) => ({ status: path === '/broken' ? 503 : 200 }));
  const create = async (path: string, input: object) => {
    endpoints[path] = await api.createEndpoint({ url: new URL(path, receiver.url), ...input });
  };
  await create('/orders', { eventTypes: ['invoice.paid', 'customer.created'] });
  await create('/broken', { eventTypes: ['invoice.created'], retryScheduleSeconds: [] });
  await create('/slow', { eventTypes: ['payment.failed'], retryScheduleSeconds: [3600] });
  await api.deliveryOf(await api.publishEvent('invoice.paid'));
  await api.deliveryOf(await api.publishEvent('customer.created'));
  await api.deliveryOf(await api.publishEvent('invoice.created'), ({ status }) => status === 'FAILED');
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('the delivery log', ({ open, expectFaults }) => {
  const openSignedIn = (path = '/deliveries', options?: TabOptions) =>
    open(`${setup.service.url}${path}#token=${API_KEY}`, options);

  const rowsOf = (tab: Tab) => tab.page.locator('[role=row][data-key]');
  const typesOf = async (tab: Tab) => (await rowsOf(tab).locator('a').allTextContents()) as string[];

  it('shows what was delivered where, how it went and how long it took', async () => {
    const tab = await openSignedIn();
    await tab.see(tab.text('3 deliveries'));

    expect(await tab.page.title()).toBe('Deliveries · Webhooks');
    expect(await typesOf(tab)).toEqual(['invoice.created', 'customer.created', 'invoice.paid']);
    expect(await tab.row('invoice.created').getByRole('gridcell').allInnerTexts()).toEqual([
      'invoice.created',
      'Failed',
      endpoints['/broken']!.url.replace('https://', ''),
      '503',
      expect.stringMatching(/^\d+ ms$/),
      '1',
      expect.stringMatching(/^(just now|\d+ s ago)$/),
    ]);
    expect(await tab.row('invoice.paid').getByRole('gridcell').allInnerTexts()).toEqual(
      expect.arrayContaining(['Succeeded', '200']),
    );
  });

  it('is narrowed by status, event, endpoint, time and event id, and the address says how', async () => {
    const { api } = setup;
    const [paid] = await api.deliveries({ eventTypes: ['invoice.paid'] });
    const tab = await openSignedIn();
    await tab.see(tab.text('3 deliveries'));

    await tab.choose('Any status Status', 'Failed');
    await tab.see(tab.text('1 delivery'));
    expect(await typesOf(tab)).toEqual(['invoice.created']);
    await tab.choose('Failed Status', 'Succeeded');
    await tab.see(tab.text('2 deliveries'));
    await tab.choose('Any event Event', 'customer.created');
    await tab.see(tab.text('1 delivery'));
    expect(tab.path).toBe('/deliveries?status=SUCCEEDED&type=customer.created');
    await tab.choose('Any endpoint Endpoint', endpoints['/broken']!.url.replace('https://', ''));
    await tab.see(tab.heading('No delivery matches'));
    await tab.page.reload();
    await tab.see(tab.heading('No delivery matches'));
    await tab.button('Show all').first().click();
    await tab.see(tab.text('3 deliveries'));
    expect(tab.path).toBe('/deliveries');
    await tab.field('Event ID').fill(paid!.event.id);
    await tab.see(tab.text('1 delivery'));
    expect(await typesOf(tab)).toEqual(['invoice.paid']);
    await tab.choose('Any time Time', 'Last hour');
    await tab.see(tab.text('1 delivery'));
    await tab.choose('Last hour Time', 'Between …');
    await tab.page.getByRole('textbox', { name: 'To' }).fill('2020-01-01T00:00');

    await tab.see(tab.heading('No delivery matches'));
    expect(tab.path).toBe(`/deliveries?event=${paid!.event.id}&time=custom&to=2020-01-01T00%3A00`);
  });

  it('grows at the top and changes in place as things happen', async () => {
    const { api, receiver } = setup;
    const tab = await openSignedIn('/deliveries?type=payment.failed');
    await tab.see(tab.heading('No delivery matches'));
    receiver.answer({ status: 500 });

    const first = await api.publishEvent('payment.failed');
    await tab.see(tab.row('payment.failed').getByText('Retrying'));
    await tab.see(tab.text('1 delivery'));
    const second = await api.publishEvent('payment.failed');
    const [older, newer] = await Promise.all(
      [first, second].map((event) => api.deliveryOf(event, ({ status }) => status === 'RETRYING')),
    );
    await tab.see(tab.text('2 deliveries'));
    expect(await rowsOf(tab).evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')))).toEqual([
      newer!.id,
      older!.id,
    ]);
    receiver.answer(({ path }) => ({ status: path === '/broken' ? 503 : 200 }));
    await api.retryDelivery(older!.id);

    await tab.see(rowsOf(tab).nth(1).getByText('Succeeded'));
    expect(await rowsOf(tab).nth(1).getByRole('gridcell').nth(5).textContent()).toBe('2');
  });

  it('catches up with what happened while there was no connection', async () => {
    const { api, service } = setup;
    await using line = await Line.open(service.url);
    const tab = await open(`${line.url}/deliveries?type=customer.created#token=${API_KEY}`);
    await tab.see(tab.text('1 delivery'));
    await tab.see(rowsOf(tab));
    line.cut();
    expectFaults(/ERR_|WebSocket/);
    await api.deliveryOf(await api.publishEvent('customer.created'));
    await tab.see(tab.text(/(Connecting|Reconnecting)…|^No connection/));
    expect(await rowsOf(tab).count()).toBe(1);

    line.mend();

    await tab.see(tab.text('2 deliveries'));
    await tab.see(rowsOf(tab).nth(1));
    await tab.seeNo(tab.text(/(Connecting|Reconnecting)…|^No connection/));
  });

  it('lets rows come into and go out of a narrowed list', async () => {
    const { api } = setup;
    const [waiting] = await api.deliveries({ statuses: ['RETRYING'] });
    const tab = await openSignedIn('/deliveries?status=RETRYING');
    await tab.see(rowsOf(tab));

    await api.retryDelivery(waiting!.id);

    await tab.see(tab.heading('No delivery matches'));
  });

  it('forgets the deliveries of an endpoint that is deleted', async () => {
    const { api, receiver } = setup;
    const { id } = await api.createEndpoint({ url: `${receiver.url}/gone`, eventTypes: ['customer.updated'] });
    await api.publishEvent('customer.updated');
    const tab = await openSignedIn();
    await tab.see(tab.row('customer.updated'));

    await api.deleteEndpoint(id);

    await tab.seeNo(tab.row('customer.updated'));
    await tab.see(tab.text('6 deliveries'));
  });

  it('shows a key only what it may see', async () => {
    const { key } = await setup.api.createApiKey(['deliveries:read']);
    const tab = await open(`${setup.service.url}/#token=${key}`);

    await tab.see(tab.row('invoice.paid'));

    expect(tab.path).toBe('/deliveries');
    expect(await tab.page.getByRole('columnheader').allInnerTexts()).not.toContain('Endpoint');
    expect(await tab.button(/Endpoint/).count()).toBe(0);
    expect(await tab.link('Endpoints').count()).toBe(0);
  });

  it('is easy on everybody, in light and in dark and on a phone', async () => {
    for (const options of [{ theme: 'light' }, { theme: 'dark' }, { isPhone: true }] satisfies TabOptions[]) {
      const tab = await openSignedIn('/deliveries', options);
      await tab.see(tab.row('invoice.paid'));
      expect(await tab.accessibilityFaults()).toEqual([]);
      await tab.screenshot(`delivery-log-${options.isPhone ? 'phone' : options.theme}`);
    }
  });

  describe('of thousands', () => {
    beforeAll(async () => {
      const { otherApi, receiver } = setup;
      const { id } = await otherApi.createEndpoint({ url: receiver.url, allEvents: true });
      await otherApi.disableEndpoint(id);
      for (let published = 0; published < MANY; published += 500) {
        await otherApi.publishEvents(
          Array.from({ length: 500 }, (_, index) => ({ type: 'invoice.paid', data: { number: published + index } })),
        );
      }
    });

    it('loads older ones as one goes on, holds few rows at a time, and never moves the one that is read', async () => {
      const { otherApi, service } = setup;
      const tab = await open(`${service.url}/deliveries#token=${OTHER_API_KEY}`);
      await tab.see(tab.text('1,500 deliveries'));
      await rowsOf(tab).first().focus();
      const focused = tab.page.locator('[role=row]:focus');
      const place = () => focused.evaluate((row) => [row.getAttribute('data-key'), row.getBoundingClientRect().top]);
      while ((await focused.getAttribute('aria-rowindex')) !== `${MANY + 1}`) await tab.page.keyboard.press('End');
      for (let up = 0; up < 10; up += 1) await tab.page.keyboard.press('PageUp');
      await tab.see(focused);
      const before = await place();

      await otherApi.publishEvents(Array.from({ length: 3 }, () => ({ type: 'customer.created', data: {} })));

      await tab.see(tab.button('3 new deliveries'));
      expect(await place()).toEqual(before);
      expect(await rowsOf(tab).count()).toBeLessThan(100);
      await tab.screenshot('delivery-log-below');
      await tab.button('3 new deliveries').click();
      await tab.see(tab.row('customer.created'));
      expect((await typesOf(tab)).slice(0, 4)).toEqual([...Array(3).fill('customer.created'), 'invoice.paid']);
      await tab.seeNo(tab.button(/new deliver/));
      expect(await focused.getAttribute('aria-rowindex')).toBe('2');
      await tab.page.keyboard.press('End');
      await tab.see(focused);

      expect(Number(await focused.getAttribute('aria-rowindex'))).toBeLessThan(MANY);
    });
  });
});
