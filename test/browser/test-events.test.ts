import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import type { Answer } from '../support/receiver.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

const HOSTILE = '<img src=x onerror="window.wasRun = true"><script>window.wasRun = true</script>';

let setup: Setup;
let endpoint: EndpointView;
/** What the receiver answers; undefined: nothing at all. */
let answer: Answer | undefined;

beforeAll(async () => {
  setup = await setUp({ env: { ATTEMPT_TIMEOUT: '1s', MAX_EVENT_BYTES: '4KiB' } });
  const { api, receiver } = setup;
  receiver.answer(() => answer);
  endpoint = await api.createEndpoint({
    url: new URL('/tested', receiver.url),
    eventTypes: ['invoice.paid', 'customer.created'],
  });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('a test event', ({ open }) => {
  const openDialog = async (options?: TabOptions) => {
    const tab = await open(`${setup.service.url}/endpoints#token=${API_KEY}`, options);
    await tab.row('/tested').getByRole('button').click();
    await tab.see(tab.field('Data'));
    return tab;
  };
  const result = (tab: Tab) => tab.page.getByRole('region', { name: 'Result' });

  it('has the sample of a type that is subscribed, is changed, sent, and shows what came back', async () => {
    const { receiver } = setup;
    answer = { status: 201, headers: { 'x-served-by': 'ledger' }, body: '{"taken":true}' };
    const tab = await openDialog();
    await tab.page.getByRole('button', { name: /Event type/ }).click();
    const options = await tab.page.getByRole('option').allInnerTexts();
    expect(options.slice(0, 3).map((text) => text.trim())).toEqual([
      'invoice.paid',
      'customer.created',
      expect.stringMatching(/^\S+ \(not subscribed\)$/),
    ]);
    await tab.page.getByRole('option', { name: 'customer.created', exact: true }).click();
    const sample = JSON.parse(await tab.field('Data').inputValue());
    expect(sample).toMatchObject({ id: expect.stringMatching(/^cus_/) });

    await tab.field('Data').fill(JSON.stringify({ ...sample, mine: 'yes' }));
    await tab.button(/^Send$/).click();

    await tab.see(result(tab).getByText('Succeeded'));
    await tab.see(result(tab).getByText('201'));
    await tab.see(result(tab).getByText(/after \d/));
    await tab.see(result(tab).getByText('"taken": true'));
    await result(tab).getByText('Response headers').click();
    await tab.see(result(tab).getByText('ledger'));
    await tab.see(tab.text('does not count in statistics'));
    const [request] = await receiver.receive(1);
    expect(JSON.parse(request!.rawBody)).toMatchObject({
      type: 'customer.created',
      livemode: false,
      data: { ...sample, mine: 'yes' },
    });
    await tab.screenshot('test-event-light');
  });

  it('is sent again, and leads to the log', async () => {
    const { receiver } = setup;
    const tab = await openDialog();
    const before = receiver.requests.length;
    answer = { status: 500, body: HOSTILE };
    await tab.button(/^Send$/).click();
    await tab.see(result(tab).getByText('Answered with an error'));
    await tab.see(result(tab).getByText(HOSTILE));
    expect(await tab.page.evaluate('window.wasRun')).toBeUndefined();
    answer = { status: 200 };

    await tab.button('Send again').click();

    await tab.see(result(tab).getByText('Succeeded'));
    expect(receiver.requests).toHaveLength(before + 2);
    await tab.link('Show it in the log').click();
    await tab.page.waitForURL('**/deliveries?delivery=dlv_*');
    await tab.see(tab.text('test event'));
  });

  it('says at which line the data cannot be read, and what the service does not take', async () => {
    const { receiver } = setup;
    const tab = await openDialog();
    const before = receiver.requests.length;

    await tab.field('Data').fill('{\n  "a": 1\n  "b": 2\n}');
    await tab.button(/^Send$/).click();
    await tab.see(tab.text('Line 3: a comma is missing before "b".'));
    await tab.field('Data').fill(JSON.stringify('x'.repeat(5_000)));
    await tab.seeNo(tab.text('Line 3'));
    await tab.button(/^Send$/).click();

    await tab.see(tab.text('The data takes more than 4096 bytes'));
    expect(receiver.requests).toHaveLength(before);
    expect(await tab.accessibilityFaults()).toEqual([]);
  });

  it('goes to an endpoint that is disabled, and says when it does not answer', async () => {
    const { api } = setup;
    answer = undefined;
    await api.disableEndpoint(endpoint.id);
    const tab = await openDialog();

    await tab.see(tab.text('This endpoint is disabled. A test event is sent to it all the same.'));
    await tab.button(/^Send$/).click();
    await tab.see(tab.text('Waiting for the endpoint to answer'));
    await tab.see(result(tab).getByText('Timed out'));

    await tab.see(result(tab).getByText(/No answer within 1.*\.$/));
    await api.enableEndpoint(endpoint.id);
  });

  it('is sent by the keyboard alone, and gives the focus back', async () => {
    answer = { status: 200 };
    const tab = await open(`${setup.service.url}/endpoints#token=${API_KEY}`);
    await tab.see(tab.row('/tested'));
    const { keyboard } = tab.page;
    await tab.row('/tested').focus();
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await tab.see(tab.field('Data'));

    await tab.button(/^Send$/).focus();
    await keyboard.press('Enter');
    await tab.see(result(tab).getByText('Succeeded'));
    await keyboard.press('Escape');

    await tab.seeNo(tab.field('Data'));
    await tab.see(tab.page.locator('button:focus'));
    expect(await tab.page.locator('button:focus').getAttribute('aria-label')).toMatch(/^Send a test event to/);
    await keyboard.press('ArrowLeft');
    expect(await tab.page.locator('[role=row]:focus').count()).toBe(1);
  });

  it('is easy on everybody', async () => {
    answer = { status: 200, body: '{"taken":true}' };
    for (const theme of ['light', 'dark'] as const) {
      const tab = await openDialog({ theme });
      await tab.button(/^Send$/).click();
      await tab.see(result(tab).getByText('Succeeded'));
      expect(await tab.accessibilityFaults()).toEqual([]);
      await tab.screenshot(`test-event-${theme}`);
    }
  });

  it('is not offered to those who may not send one', async () => {
    const { key } = await setup.api.createApiKey(['endpoints:read', 'deliveries:read']);
    const tab = await open(`${setup.service.url}/endpoints#token=${key}`);
    await tab.see(tab.row('/tested'));

    expect(await tab.row('/tested').getByRole('button').count()).toBe(0);
  });
});
