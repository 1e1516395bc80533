import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DeliveryView, EndpointView } from '../support/api.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import type { Answer } from '../support/receiver.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

const HOSTILE = '<img src=x onerror="window.wasRun = true"><script>window.wasRun = true</script>';
const KIB = 1_024;

/** What the receiver answers, by what the event says. */
const ANSWERS: Record<string, Answer> = {
  good: { status: 200, headers: { 'x-served-by': 'ledger' }, body: '{"taken":true,"number":12345678901234567890}' },
  hostile: { status: 400, headers: { 'content-type': 'text/html' }, body: HOSTILE },
  binary: { status: 500, body: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]) },
  long: { status: 500, body: 'x'.repeat(100 * KIB) },
  bad: { status: 503, body: 'try later' },
};

let setup: Setup;
let endpoint: EndpointView;
let kinds: Record<string, string>;

beforeAll(async () => {
  setup = await setUp();
  const { api, receiver } = setup;
  kinds = {};
  receiver.answer(({ rawBody }) => {
    const { kind } = JSON.parse(rawBody).data;
    return ANSWERS[kinds[kind] ?? kind] ?? {};
  });
  endpoint = await api.createEndpoint({
    url: receiver.url,
    allEvents: true,
    retryScheduleSeconds: [3_600],
    headers: [{ name: 'authorization', value: 'Bearer of-the-receiver', secret: true }],
  });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('a delivery', ({ open }) => {
  const publish = async (kind: string, rest: object = {}): Promise<DeliveryView> => {
    const event = await setup.api.publishEvent('invoice.paid', { kind, ...rest });
    return setup.api.deliveryOf(event, ({ attemptCount }) => attemptCount > 0);
  };
  const openDelivery = async ({ id }: { id: string }, options?: TabOptions) => {
    const tab = await open(`${setup.service.url}/deliveries?delivery=${id}#token=${API_KEY}`, options);
    await tab.see(tab.text(id));
    return tab;
  };
  const response = (tab: Tab) => tab.page.getByRole('region', { name: 'response body' });
  const request = (tab: Tab) => tab.page.getByRole('region', { name: 'request body' });
  const retry = (tab: Tab) => tab.page.getByRole('button', { name: 'Retry', exact: true });
  const attempts = (tab: Tab) => tab.page.getByRole('list', { name: /Attempts/ }).getByRole('listitem');

  it('is opened from its row, shows what was sent and what came back, and gives the focus back', async () => {
    const { id, event } = await publish('good', { amount: 12 });
    const tab = await open(`${setup.service.url}/deliveries#token=${API_KEY}`);
    await tab.page.locator(`[data-key="${id}"]`).focus();
    await tab.page.keyboard.press('Enter');
    await tab.see(request(tab));

    expect(tab.path).toBe(`/deliveries?delivery=${id}`);
    await tab.see(tab.page.getByRole('dialog', { name: 'invoice.paid' }));
    await tab.see(tab.text(event.id));
    expect(await attempts(tab).allInnerTexts()).toEqual([expect.stringMatching(/^1\s+Succeeded\s+200\s+\d+ ms/)]);
    expect(await request(tab).textContent()).toContain('  "data": {\n    "kind": "good",\n    "amount": 12\n  }');
    expect(await response(tab).textContent()).toBe('{\n  "taken": true,\n  "number": 12345678901234567890\n}');
    await tab.button('Show as sent').first().click();
    expect(await response(tab).textContent()).toBe(ANSWERS.good!.body);
    await tab.text('Response headers').click();
    await tab.see(tab.text('ledger'));
    await tab.text('Request headers').click();
    await tab.see(tab.text('Hidden, for it is secret'));
    expect(await tab.page.getByRole('dialog').textContent()).not.toContain('of-the-receiver');
    await tab.page.keyboard.press('Escape');

    await tab.seeNo(tab.page.getByRole('dialog'));
    expect(tab.path).toBe('/deliveries');
    await tab.see(tab.page.locator(`[data-key="${id}"]:focus`));
  });

  it('is a command without secrets on the clipboard, and its body as it was sent', async () => {
    const { id, attempts: made } = await publish('good');
    const tab = await openDelivery({ id });
    await tab.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = () => tab.page.evaluate<string>('navigator.clipboard.readText()');

    await tab.button('Copy as curl').click();
    await tab.see(tab.button('Copied'));
    expect(await copied()).toMatch(new RegExp(`^curl '${endpoint.url}' `));
    expect(await copied()).toContain("-H 'authorization: <hidden>'");
    expect(await copied()).toContain(made[0]!.requestBody);
    await tab.button('Copy request body').click();
    await tab.see(tab.button('Copied').nth(1));

    expect(await copied()).toBe(made[0]!.requestBody);
  });

  it('shows what receivers answer and never runs it', async () => {
    const tab = await openDelivery(await publish('hostile'));
    await tab.see(response(tab));

    expect(await response(tab).textContent()).toBe(HOSTILE);
    expect(await tab.page.locator('img').count()).toBe(0);
    expect(await tab.page.evaluate('window.wasRun')).toBeUndefined();
    await tab.screenshot('delivery-hostile');
  });

  it('says where a body is cut off, and where it is no text', async () => {
    const cut = await openDelivery(await publish('long'));
    await cut.see(cut.text('Cut off: only the first 64 KiB are kept.'));
    expect((await response(cut).textContent())!.length).toBeLessThan(64 * KIB);
    await cut.button('Show all 65,536 characters').click();
    await cut.seeNo(cut.button(/Show all/));
    expect(await response(cut).textContent()).toBe('x'.repeat(64 * KIB));

    const binary = await openDelivery(await publish('binary'));
    await binary.see(binary.text('Not all of it is text'));
    expect(await response(binary).textContent()).toContain('PNG');
  });

  it('shows a quarter of a megabyte', async () => {
    const list = Array.from({ length: 20_000 }, (_, index) => index);
    const tab = await openDelivery(await publish('good', { text: 'é'.repeat(50_000), list }));
    await tab.see(request(tab));

    await tab.button(/Show all \d+,\d+ characters/).click();

    await tab.see(request(tab).getByText('19999'));
  });

  it('counts down to its next attempt, is retried by hand, and shows the new attempt as it is made', async () => {
    const { id } = await publish('changing');
    kinds.changing = 'bad';
    const { id: failing } = await publish('changing');
    expect(failing).not.toBe(id);
    const tab = await openDelivery({ id: failing });
    await tab.see(tab.page.getByRole('dialog').getByText('Retrying'));
    const countdown = tab.text(/^Next attempt in 59 min \d+ s$/);
    await tab.see(countdown);
    const before = await countdown.textContent();
    await eventually('the countdown goes on', async () => (await countdown.textContent()) !== before);
    kinds.changing = 'good';
    await tab.see(tab.text('Sends it once more, now. Its schedule goes on as if this had not been.'));

    await retry(tab).click();

    await tab.see(attempts(tab).getByText('retried by hand'));
    expect(await attempts(tab).allInnerTexts()).toEqual([
      expect.stringMatching(/^2\s+Succeeded · retried by hand\s+200/),
      expect.stringMatching(/^1\s+Answered with an error\s+503/),
    ]);
    await tab.see(tab.page.getByRole('dialog').getByRole('status').getByText('Succeeded'));
    await tab.see(response(tab).getByText('"taken": true'));
    await attempts(tab).nth(1).getByRole('button').click();
    await tab.see(response(tab).getByText('try later'));
    await tab.screenshot('delivery');
    await setup.api.retryDelivery(failing);

    await tab.see(attempts(tab).nth(2));
    expect(await response(tab).textContent()).toBe('try later');
  });

  it('says why it cannot be retried, and that it can once that is over', async () => {
    const { api } = setup;
    const test = await api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });
    const tested = await openDelivery(test.delivery!);
    await tested.see(tested.text('A test event is sent once.'));
    expect(await retry(tested).isDisabled()).toBe(true);

    const made = await publish('good');
    await api.disableEndpoint(endpoint.id);
    const tab = await openDelivery(made);
    await tab.see(tab.text('The endpoint is disabled. Enable it, then retry.'));
    expect(await retry(tab).isDisabled()).toBe(true);
    await api.enableEndpoint(endpoint.id);

    await tab.see(tab.text('Sends it once more, now.'));
    expect(await retry(tab).isEnabled()).toBe(true);
  });

  it('that is not there says so, and the log is there', async () => {
    const tab = await open(`${setup.service.url}/deliveries?delivery=dlv_none#token=${API_KEY}`);
    await tab.see(tab.text('There is no such delivery.'));

    await tab.button('Close').click();

    await tab.see(tab.row('invoice.paid'));
  });

  it('shows a key only what it may see and do', async () => {
    const { key } = await setup.api.createApiKey(['deliveries:read']);
    const { id } = await publish('good');
    const tab = await open(`${setup.service.url}/deliveries?delivery=${id}#token=${key}`);
    await tab.see(request(tab));

    expect(await retry(tab).count()).toBe(0);
    expect(await tab.button('Copy as curl').count()).toBe(0);
    expect(await tab.link('All of its deliveries').count()).toBe(0);
  });

  it('is easy on everybody, in light and in dark and on a phone', async () => {
    const made = await publish('good');
    for (const options of [{ theme: 'light' }, { theme: 'dark' }, { isPhone: true }] satisfies TabOptions[]) {
      const tab = await openDelivery(made, options);
      await tab.see(request(tab));
      expect(await tab.accessibilityFaults()).toEqual([]);
      await tab.screenshot(`delivery-${options.isPhone ? 'phone' : options.theme}`);
    }
  });
});
