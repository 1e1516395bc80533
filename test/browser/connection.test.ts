import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import { Line } from '../support/browser/line.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

/** What browsers write for requests that come to nothing. */
const NO_CONNECTION = /ERR_|WebSocket|503/;

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
  await setup.api.createEndpoint({ url: new URL('/first', setup.receiver.url), allEvents: true });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('the connection', ({ open, expectFaults }) => {
  it('when lost is said to be, moves nothing, and brings what was missed when it is back, saying so', async () => {
    expectFaults(NO_CONNECTION);
    const { api, receiver, service } = setup;
    await using line = await Line.open(service.url);
    const tab = await open(`${line.url}/endpoints#token=${API_KEY}`);
    const row = tab.row('/first');
    await tab.see(row.getByText('Never'));
    await tab.page.evaluate('window.isSamePage = true');
    const place = await row.boundingBox();

    line.cut();
    await tab.see(tab.text('Connection lost. Reconnecting…'));
    expect(await row.boundingBox()).toEqual(place);
    await api.createEndpoint({ url: new URL('/second', receiver.url), eventTypes: ['invoice.paid'] });
    await api.publishEvent('customer.created');
    await receiver.receive(1);
    expect(await tab.row('/second').count()).toBe(0);
    line.mend();

    await tab.see(tab.row('/second'));
    await tab.see(tab.text('Connected again. What was missed is being fetched.'));
    await tab.see(row.getByText('100 %'));
    await tab.seeNo(tab.text('Connected again'));
    expect(await tab.page.evaluate('window.isSamePage')).toBe(true);
  });

  it('is missed by what is done meanwhile: that says so, and is done when tried again', async () => {
    expectFaults(NO_CONNECTION);
    await using line = await Line.open(setup.service.url);
    const tab = await open(`${line.url}/endpoints#token=${API_KEY}`);
    await tab.row('/first').getByRole('button').click();
    await tab.see(tab.field('Data'));

    line.cut();
    await tab.button(/^Send$/).click();
    await tab.see(tab.text('The service cannot be reached. Check your connection and try again.'));
    line.mend();
    await tab.button(/^Send$/).click();

    await tab.see(tab.page.getByRole('region', { name: 'Result' }).getByText('Succeeded'));
  });

  it('to a service that is starting again says that', async () => {
    expectFaults(NO_CONNECTION);
    const tab = await open(`${setup.service.url}/endpoints#token=${API_KEY}`);
    await tab.row('/first').getByRole('button').click();
    await tab.see(tab.field('Data'));
    await tab.page.route('**/graphql', (route) => route.fulfill({ status: 503, body: 'not ready' }));

    await tab.button(/^Send$/).click();

    await tab.see(tab.text('The service is starting again. Try again in a moment.'));
  });

  it('ends with the key, and goes on at the same page after signing in again', async () => {
    expectFaults(/401/);
    const { api, service } = setup;
    const { key, id } = await api.createApiKey(['endpoints:read']);
    const tab = await open(`${service.url}/endpoints?search=first#token=${key}`);
    await tab.see(tab.row('/first'));

    await api.revokeApiKey(id);
    await tab.see(tab.text('The service does not accept this key'));
    expect(await tab.accessibilityFaults()).toEqual([]);
    await tab.field('API key').fill(API_KEY);
    await tab.button('Sign in').click();

    await tab.see(tab.row('/first'));
    expect(tab.path).toBe('/endpoints?search=first');
  });
});
