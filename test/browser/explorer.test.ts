import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab } from '../support/browser/tab.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
  await setup.api.createEndpoint({ url: new URL('/shown', setup.receiver.url), allEvents: true });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('the explorer', ({ open, expectFaults }) => {
  const openExplorer = async () => {
    const tab = await open(`${setup.service.url}/graphiql#token=${API_KEY}`);
    await tab.see(editor(tab));
    return tab;
  };
  const editor = (tab: Tab) => tab.page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines');
  const run = async (tab: Tab, operation: string) => {
    await tab.button('Execute query (Ctrl-Enter)').click();
    await tab.page.getByRole('menuitem', { name: operation, exact: true }).click();
  };
  const answer = (tab: Tab) => tab.page.getByRole('region', { name: 'Result Window' }).locator('.view-lines');

  it('is reached from the dashboard, signed in already, with operations to run', async () => {
    const tab = await open(`${setup.service.url}/#token=${API_KEY}`);
    await tab.link('Explorer').click();

    await tab.see(editor(tab).getByText('Endpoints'));
    await run(tab, 'Endpoints');

    await tab.see(answer(tab).getByText('/shown'));
    expect(await tab.page.title()).toBe('API explorer · Webhooks');
    const elsewhere = await tab.page.evaluate<string[]>(
      'performance.getEntriesByType("resource").map((one) => one.name).filter((one) => !one.startsWith(location.origin))',
    );
    expect(elsewhere.filter((url) => !url.startsWith('data:'))).toEqual([]);
    await tab.screenshot('explorer-light');
  });

  it('follows subscriptions', async () => {
    const tab = await openExplorer();

    await run(tab, 'WatchDeliveries');
    await tab.see(answer(tab).getByText('READY'));
    await setup.api.publishEvent('invoice.paid');

    await tab.see(answer(tab).getByText('"invoice.paid"'));
  });

  it('shows who is not signed in how to be, and is there afterwards', async () => {
    expectFaults(/401/);
    const tab = await open(`${setup.service.url}/graphiql`);
    await tab.field('API key').fill('not-a-key-of-this-service');
    await tab.button('Sign in').click();
    await tab.see(tab.text('The service does not accept this key.'));

    await tab.field('API key').fill(API_KEY);
    await tab.button('Sign in').click();

    await tab.see(editor(tab));
    expect(tab.path).toBe('/graphiql');
  });
});
