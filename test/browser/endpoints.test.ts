import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import { API_KEY, OTHER_API_KEY, type Setup, setUp } from '../support/service.js';

const PAGE = 100;

let setup: Setup;
/** By their paths, of the account that the tests read. */
const endpoints: Record<string, EndpointView> = {};

beforeAll(async () => {
  setup = await setUp();
  const { api, receiver } = setup;
  receiver.answer(({ path }) => ({ status: path.endsWith('/broken') ? 500 : 200 }));
  const create = async (path: string, input: object) => {
    endpoints[path] = await api.createEndpoint({ url: new URL(path, receiver.url), ...input });
  };
  await create('/orders', { allEvents: true, description: 'Order desk' });
  await create('/ledger', { eventTypes: ['invoice.paid', 'invoice.created'] });
  await create('/crm', { eventTypes: ['customer.created'], description: 'Sales' });
  await create('/broken', { eventTypes: ['invoice.paid'], retryScheduleSeconds: [] });
  await create('/off', { allEvents: true });
  await api.disableEndpoint(endpoints['/off']!.id);
  await api.publishEvent('invoice.paid');
  await receiver.receive(3);
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
});

describeInBrowser('the endpoints', ({ open, expectFaults }) => {
  /** Signed in by a link, as the service prints it. */
  const openSignedIn = (path = '/', options?: TabOptions) =>
    open(`${setup.service.url}${path}#token=${API_KEY}`, options);

  const urlsOf = async (tab: Tab) =>
    (await tab.page.locator('[role=gridcell] a').allTextContents()).map((url) => new URL(url).pathname);

  /** While it lasts, the service answers the question for the list with an error. */
  const failList = async (tab: Tab) => {
    let isFailing = true;
    await tab.page.route('**/graphql', (route) => {
      const isList = route.request().postDataJSON()?.operationName === 'Endpoints';
      return isFailing && isList ? route.fulfill({ status: 500, body: '' }) : route.fallback();
    });
    return (goesOn: boolean) => {
      isFailing = goesOn;
    };
  };

  it('are there after signing in by a link, which is gone from the address at once', async () => {
    const tab = await openSignedIn();

    await tab.see(tab.row('/broken').getByText('Failing'));
    await tab.see(tab.row('/orders').getByText('100 %'));

    expect(tab.path).toBe('/endpoints');
    expect(await tab.page.title()).toBe('Endpoints · Webhooks');
    expect(await urlsOf(tab)).toEqual(['/off', '/broken', '/crm', '/ledger', '/orders']);
    const cells = (path: string) => tab.row(path).getByRole('gridcell').allInnerTexts();
    expect(await cells('/orders')).toEqual([
      expect.stringMatching(/\/orders\s*Order desk$/),
      'All events',
      'Active',
      '100 %',
      '',
      expect.stringMatching(/^(just now|\d+ s ago)$/),
      '',
    ]);
    expect(await cells('/broken')).toEqual([
      expect.anything(),
      'invoice.paid',
      'Failing',
      '0 %',
      '',
      expect.anything(),
      '',
    ]);
    expect(await cells('/ledger')).toEqual([
      expect.anything(),
      '2 events',
      'Active',
      '100 %',
      '',
      expect.anything(),
      '',
    ]);
    expect((await cells('/off')).slice(1)).toEqual([
      'All events',
      expect.stringMatching(/^Disabled\s*\d+ held$/),
      '–',
      '',
      'Never',
      '',
    ]);
    await tab.see(tab.page.getByRole('img', { name: '0 succeeded, 1 failed' }));
    expect(await tab.row('/orders').locator('time').getAttribute('title')).toMatch(
      /^\d+ \w+ \d{4}, \d\d:\d\d:\d\d\.\d{3} (CET|CEST|GMT\+[12])$/,
    );
    await tab.see(tab.text('5 endpoints'));
    await tab.screenshot('endpoints-light');
  });

  it('are there after signing in with a key, and gone after signing out; a key that is wrong says so', async () => {
    expectFaults(/401/);
    const tab = await open(`${setup.service.url}/endpoints`);
    await tab.button('Sign in').click();
    await tab.see(tab.text('Enter an API key.'));

    await tab.field('API key').fill('not-a-key-of-this-service');
    await tab.button('Sign in').click();
    await tab.see(tab.text('The service does not accept this key.'));
    await tab.field('API key').fill(API_KEY);
    await tab.page.keyboard.press('Enter');
    await tab.see(tab.row('/orders'));
    await tab.page.reload();
    await tab.see(tab.row('/orders'));
    await tab.button('Sign out').click();

    await tab.see(tab.field('API key'));
    await tab.page.reload();
    await tab.see(tab.field('API key'));
    expect(await tab.text('/orders').count()).toBe(0);
  });

  it('tell a person whose token is refused that the session has ended, and nothing of keys', async () => {
    expectFaults(/401/);
    const tab = await open(`${setup.service.url}/#token=e30.e30.c2ln`);

    await tab.see(tab.heading('Your session has ended'));

    expect(await tab.page.getByRole('main').textContent()).not.toMatch(/key/i);
    expect(tab.path).toBe('/');
  });

  it('are filtered by status, by event and by text, and the address says how', async () => {
    const tab = await openSignedIn();
    await tab.see(tab.row('/orders'));

    await tab.choose('Any status Status', 'Failing');
    await tab.see(tab.text('1 endpoint'));
    expect(await urlsOf(tab)).toEqual(['/broken']);
    await tab.choose('Failing Status', 'Any status');
    await tab.choose('Any event Event', 'customer.created');
    await tab.see(tab.text('3 endpoints'));
    expect(await urlsOf(tab)).toEqual(['/off', '/crm', '/orders']);
    await tab.field('Search endpoints').fill('DESK');
    await tab.see(tab.text('1 endpoint'));
    expect(await urlsOf(tab)).toEqual(['/orders']);
    expect(tab.path).toBe('/endpoints?search=DESK&event=customer.created');
    await tab.page.reload();
    await tab.see(tab.text('1 endpoint'));
    await tab.field('Search endpoints').fill('nowhere');

    await tab.see(tab.heading('No endpoint matches'));
    await tab.link('Show all').click();
    await tab.see(tab.text('5 endpoints'));
    expect(tab.path).toBe('/endpoints');
  });

  it('change before one’s eyes when others change them', async () => {
    const { api, receiver } = setup;
    const tab = await openSignedIn();
    await tab.see(tab.row('/orders'));

    const added = await api.createEndpoint({ url: new URL('/added', receiver.url), allEvents: true });
    await tab.see(tab.row('/added').getByText('Never'));
    await tab.see(tab.text('6 endpoints'));
    await api.publishEvent('customer.updated');
    await tab.see(tab.row('/added').getByText('100 %'));
    await api.disableEndpoint(added.id);
    await tab.see(tab.row('/added').getByText('Disabled'));
    await api.publishEvent('customer.updated');
    await tab.see(tab.row('/added').getByText('1 held'));
    await api.updateEndpoint({ id: added.id, description: 'Renamed' });
    await tab.see(tab.row('/added').getByText('Renamed'));
    await api.deleteEndpoint(added.id);

    await tab.seeNo(tab.row('/added'));
    await tab.see(tab.text('5 endpoints'));
  });

  it('leave and enter a filtered list as they change', async () => {
    const { api } = setup;
    const tab = await openSignedIn('/endpoints?status=ACTIVE');
    await tab.see(tab.row('/crm'));

    await api.disableEndpoint(endpoints['/crm']!.id);
    await tab.seeNo(tab.row('/crm'));
    await api.enableEndpoint(endpoints['/crm']!.id);

    await tab.see(tab.row('/crm'));
  });

  it('are reached by the keyboard: one stop for the table, arrows between rows, Enter opens', async () => {
    const tab = await openSignedIn();
    await tab.see(tab.row('/orders'));

    await tab.page.getByRole('button', { name: 'Any event Event' }).focus();
    await tab.page.keyboard.press('Tab');
    const focused = () => tab.page.locator('[role=row]:focus a').textContent();
    expect(await focused()).toMatch(/\/off$/);
    await tab.page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/\/broken$/);
    await tab.page.keyboard.press('End');
    expect(await focused()).toMatch(/\/orders$/);
    await tab.page.keyboard.press('Enter');

    await tab.page.waitForURL(`**/endpoints/${endpoints['/orders']!.id}`);
  });

  it('are easy on everybody, in light and in dark and on a phone', async () => {
    for (const options of [{ theme: 'light' }, { theme: 'dark' }, { isPhone: true }] satisfies TabOptions[]) {
      const tab = await openSignedIn('/endpoints', options);
      await tab.see(tab.row('/orders'));
      expect(await tab.accessibilityFaults()).toEqual([]);
      await tab.screenshot(`endpoints-${options.isPhone ? 'phone' : options.theme}`);
      await tab.button('Sign out').click();
      await tab.see(tab.field('API key'));
      expect(await tab.accessibilityFaults()).toEqual([]);
    }
  });

  it('are asked for again after the service has failed, as soon as one says so', async () => {
    expectFaults(/500/);
    const { api, receiver } = setup;
    const tab = await openSignedIn('/endpoints/new');
    await tab.see(tab.heading('Add endpoint'));
    const fail = await failList(tab);
    await tab.link('Endpoints').first().click();
    await tab.see(tab.page.getByRole('alert').getByText('Something went wrong in the service.'));

    fail(false);
    await tab.button('Try again').click();
    await tab.see(tab.row('/orders'));
    await tab.seeNo(tab.page.getByRole('alert'));

    fail(true);
    const added = await api.createEndpoint({ url: new URL('/late', receiver.url), allEvents: true });
    await tab.see(tab.page.getByRole('alert').getByText('Something went wrong in the service.'));
    await tab.see(tab.row('/orders'));
    fail(false);
    await tab.button('Try again').click();
    await tab.see(tab.row('/late'));
    await tab.seeNo(tab.page.getByRole('alert'));
    await api.deleteEndpoint(added.id);
  });

  it('go on for as long as there are any, and say what to do where there are none', async () => {
    const { otherApi, receiver, service } = setup;
    const tab = await open(`${service.url}/#token=${OTHER_API_KEY}`);
    await tab.see(tab.heading('No endpoints yet'));
    expect(await tab.accessibilityFaults()).toEqual([]);

    const urls = Array.from({ length: 2 * PAGE + 30 }, (_, index) => new URL(`/many/${index}`, receiver.url));
    for (const url of urls) await otherApi.createEndpoint({ url, allEvents: true });
    await tab.see(tab.text('230 endpoints'));
    await tab.see(tab.link(/\/many\/229$/));
    await tab.page.getByRole('row').nth(1).focus();
    await tab.page.keyboard.press('End');

    await tab.see(tab.page.locator('[role=row]:focus').filter({ has: tab.link(/\/many\/0$/) }));
    await tab.page.keyboard.press('Enter');
    await tab.see(tab.heading(/\/many\/0$/));
  });
});
