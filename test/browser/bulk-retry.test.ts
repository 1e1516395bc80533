import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

const COUNT = 60;
/** So many are queued at a time. */
const WINDOW = 20;

let setup: Setup;
let release: () => void;

const failed = async () => (await setup.api.page('deliveries', { filter: { statuses: ['FAILED'] } })).totalCount;

beforeAll(async () => {
  setup = await setUp({ env: { RETRY_SCHEDULE: '', ENDPOINT_WINDOW: `${WINDOW}` } });
  const { api, receiver } = setup;
  receiver.answer({ status: 500 });
  await api.createEndpoint({ url: receiver.url, allEvents: true });
  await api.publishEvents(Array.from({ length: COUNT }, () => ({ type: 'invoice.paid', data: {} })));
  await api.publishEvents(Array.from({ length: 3 }, () => ({ type: 'customer.created', data: {} })));
  await eventually('all failed', async () => (await failed()) === COUNT + 3);
});

beforeEach(() => {
  release = setup.receiver.holdAnswers();
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('a bulk retry', ({ open }) => {
  const openSignedIn = (path: string, options?: TabOptions) =>
    open(`${setup.service.url}${path}#token=${API_KEY}`, options);
  const dialog = (tab: Tab) => tab.page.getByRole('dialog');
  const strip = (tab: Tab) => tab.page.getByRole('region', { name: 'Bulk retry' });
  const facts = async (tab: Tab) => {
    const [names, values] = await Promise.all(['dt', 'dd'].map((part) => dialog(tab).locator(part).allTextContents()));
    return Object.fromEntries(names!.map((name, index) => [name, values![index]]));
  };

  it('says what matches, is confirmed, shows how far it is, goes on when closed, and says what came of it', async () => {
    const tab = await openSignedIn('/deliveries?type=invoice.paid');
    await tab.see(tab.text('60 deliveries'));
    await tab.button('Retry all …').click();
    await tab.see(tab.text('60 deliveries match what the log is narrowed to.'));
    expect(await tab.accessibilityFaults()).toEqual([]);
    await tab.screenshot('bulk-retry-asking');

    await tab.button('Retry 60 deliveries').click();

    await tab.see(tab.heading('Retrying …'));
    await eventually('a window is queued', async () => (await facts(tab)).Queued === `${WINDOW}`);
    expect(await facts(tab)).toMatchObject({ 'Passed over': '0', 'To go': '40', Matched: '60' });
    expect(await tab.page.getByRole('progressbar', { name: 'Progress', exact: true }).getAttribute('value')).toBe('20');
    expect(await tab.accessibilityFaults()).toEqual([]);
    await tab.screenshot('bulk-retry-running');
    await tab.button('Close').last().click();
    await tab.seeNo(dialog(tab));
    await tab.see(strip(tab).getByText('20 of 60 dealt with'));
    await tab.see(tab.page.locator('button:focus').getByText('Retry all …'));
    await tab.screenshot('bulk-retry-strip');
    await tab.page.reload();
    await tab.see(tab.heading('Retrying …'));
    release();
    await tab.see(tab.heading('All have been dealt with'));

    expect(await facts(tab)).toMatchObject({ Queued: '60', 'Passed over': '0', 'To go': '0' });
    await tab.page.keyboard.press('Escape');
    await tab.see(strip(tab).getByText('Done: 60 queued, 0 passed over'));
    await tab.see(tab.row('invoice.paid').getByText('2'));
    await tab.button('Dismiss').click();
    await tab.seeNo(strip(tab));
    expect(tab.path).toBe('/deliveries?type=invoice.paid');
  });

  it('is stopped, also by somebody who did not begin it', async () => {
    const { bulkRetry } = await setup.api.retryDeliveries({ filter: { eventTypes: ['invoice.paid'] } });
    const tab = await openSignedIn('/deliveries');
    await tab.see(strip(tab).getByText('20 of 60 dealt with'));
    await strip(tab).getByRole('button', { name: 'Show' }).click();
    expect(tab.path).toBe(`/deliveries?bulk-retry=${bulkRetry!.id}`);

    await tab.button('Stop').click();

    await tab.see(tab.heading('Stopped'));
    expect(await facts(tab)).toMatchObject({ Queued: '20', 'Not reached': '40' });
    release();
    await tab.button('Close').last().click();
    await tab.see(strip(tab).getByText('Stopped after 20 of 60: 20 queued, 0 passed over'));
  });

  it('of everything says so, and counts what it passes over', async () => {
    release();
    const { api } = setup;
    const [endpoint] = (await api.page('endpoints')).nodes;
    await api.sendTestEvent({ endpointId: endpoint!.id, type: 'customer.created' });
    const tab = await openSignedIn('/deliveries');
    await tab.button('Retry all …').click();
    await tab.see(tab.text('The log is not narrowed: 64 deliveries match, all that there are.'));
    await tab.button('Retry 64 deliveries').click();
    await tab.see(tab.heading('All have been dealt with'));

    const { Queued: queued, 'Passed over': passedOver } = await facts(tab);
    expect(Number(queued) + Number(passedOver)).toBe(64);
    expect(Number(passedOver)).toBeGreaterThanOrEqual(1);
  });

  it('is not begun where nothing matches any more', async () => {
    release();
    const { api } = setup;
    const { nodes } = await api.page('endpoints');
    const endpoint = await api.createEndpoint({ url: `${setup.receiver.url}/gone`, eventTypes: ['payment.failed'] });
    for (const { id } of nodes) await api.updateEndpoint({ id, eventTypes: ['invoice.paid'] });
    await api.publishEvent('payment.failed');
    // Who may not see endpoints is not told that one is gone.
    const { key } = await api.createApiKey(['deliveries:read', 'deliveries:write']);
    const tab = await open(`${setup.service.url}/deliveries?type=payment.failed#token=${key}`);
    await tab.see(tab.row('payment.failed'));
    await api.deleteEndpoint(endpoint.id);
    await tab.button('Retry all …').click();

    await tab.see(tab.text('Nothing matches, so there is nothing to retry.'));
    expect(
      await dialog(tab)
        .getByRole('button', { name: /^Retry/ })
        .count(),
    ).toBe(0);
    await tab.button('Cancel').click();
    await tab.seeNo(dialog(tab));
  });

  it('is not offered to those who may not', async () => {
    const { key } = await setup.api.createApiKey(['deliveries:read']);
    const tab = await open(`${setup.service.url}/deliveries#token=${key}`);

    await tab.see(tab.row('invoice.paid'));

    expect(await tab.button('Retry all …').count()).toBe(0);
  });
});
