import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EndpointView } from '../support/api.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { TabOptions } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(async () => setup?.[Symbol.asyncDispose]());

describeInBrowser('an endpoint', ({ open }) => {
  let paths = 0;
  const create = async (input: object = {}): Promise<EndpointView> => {
    paths += 1;
    const url = new URL(`/e${paths}`, setup.receiver.url);
    return setup.api.createEndpoint({ url, eventTypes: ['invoice.paid'], ...input });
  };
  const openEndpoint = async ({ id, url }: { id: string; url: string }, rest = '', options?: TabOptions) => {
    const tab = await open(`${setup.service.url}/endpoints/${id}${rest}#token=${API_KEY}`, options);
    if (!rest.startsWith('/edit')) await tab.see(tab.heading(url));
    return tab;
  };

  it('shows how it is doing, and goes on by itself', async () => {
    const { api, receiver } = setup;
    const endpoint = await create({ description: 'Order desk', retryScheduleSeconds: [] });
    receiver.answer({ status: 200 });
    await api.deliveryOf(await api.publishEvent('invoice.paid'), undefined, endpoint.id);
    const tab = await openEndpoint(endpoint);
    const figures = tab.page.getByRole('region', { name: 'Figures' });
    await tab.see(figures.getByText('100 %'));
    await tab.see(tab.text('Order desk'));
    await tab.see(figures.getByRole('img', { name: /1 succeeded, 0 failed/ }));

    receiver.answer({ status: 500 });
    await api.deliveryOf(await api.publishEvent('invoice.paid'), ({ status }) => status === 'FAILED', endpoint.id);

    await tab.see(figures.getByText('50 %'));
    await tab.see(tab.page.getByRole('status').getByText('Failing'));
    await tab.see(figures.getByRole('img', { name: /1 succeeded, 1 failed/ }));
    await figures.getByText('As a table').click();
    expect(await figures.locator('.spans tbody td').allInnerTexts()).toEqual([
      '1',
      '1',
      expect.stringMatching(/^\d+ ms$/),
    ]);
    await tab.page.getByRole('radio', { name: '30 days' }).check({ force: true });
    await eventually('the period in the address', async () => tab.path.endsWith('?period=month'));
    await tab.see(figures.getByText('50 %'));
    await setup.api.deleteEndpoint(endpoint.id);
    await tab.see(tab.heading('This endpoint was deleted'));
  });

  it('is switched off and on, and what is held grows and drains before one’s eyes', async () => {
    const { api, receiver } = setup;
    const endpoint = await create();
    const tab = await openEndpoint(endpoint);
    const enabled = tab.page.getByRole('switch', { name: 'Enabled' });
    await enabled.click({ force: true });
    await tab.see(tab.text('What is published is held until it is enabled.'));

    await api.publishEvents(Array.from({ length: 3 }, () => ({ type: 'invoice.paid', data: {} })));
    await tab.see(tab.text('3 deliveries held until it is enabled.'));
    await api.publishEvent('invoice.paid');
    await tab.see(tab.text('4 deliveries held until it is enabled.'));
    receiver.answer({ status: 200 });
    await enabled.click({ force: true });

    await tab.see(tab.page.getByRole('status').getByText('Active'));
    await tab.seeNo(tab.text(/held/));
    await tab.see(tab.page.getByRole('region', { name: 'Figures' }).getByText('100 %'));
    await api.disableEndpoint(endpoint.id);
    await tab.see(tab.page.getByRole('status').getByText('Disabled'));
    expect(await enabled.isChecked()).toBe(false);
    await api.deleteEndpoint(endpoint.id);
  });

  it('reveals its secret to those who may, and replaces it; a replacement elsewhere hides what was shown', async () => {
    const { api } = setup;
    const endpoint = await setup.api.createEndpoint({ url: `${setup.receiver.url}/secret`, allEvents: true });
    const tab = await openEndpoint(endpoint);
    const secret = tab.page.getByRole('region', { name: 'signing secret', exact: true });
    await tab.see(tab.text(`whsec_…${endpoint.signingSecret.slice(-4)}`));
    await tab.button('Reveal').click();
    await tab.see(tab.text(endpoint.signingSecret));

    await tab.button('Replace…').click();
    await tab.see(tab.heading('Replace the signing secret'));
    await tab.see(tab.text('X-RevKeen-Signature-Previous'));
    await tab.choose('24 hours The old secret goes on for', 'not at all: it has leaked');
    await tab.see(tab.text('it refuses every request.'));
    await tab.choose('not at all: it has leaked The old secret goes on for', '24 hours');
    await tab.button('Replace secret').click();
    await tab.see(tab.text(/goes on signing beside this one until/));
    const replaced = (await secret.textContent())!.trim();
    expect(replaced).toMatch(/^whsec_/);
    expect(replaced).not.toBe(endpoint.signingSecret);

    const { signingSecret } = await api.rotateSigningSecret({ id: endpoint.id });
    await tab.see(tab.text(`whsec_…${signingSecret!.slice(-4)}`));
    expect(await tab.page.content()).not.toContain(replaced);
    await api.deleteEndpoint(endpoint.id);
  });

  it('is edited, and nobody’s change is lost when two edit it at once', async () => {
    const { api } = setup;
    const endpoint = await create({
      description: 'Before',
      headers: [{ name: 'X-Key', value: 'hidden', secret: true }],
    });
    const tab = await openEndpoint(endpoint);
    await tab.link('Edit').click();
    await tab.see(tab.heading('Edit endpoint'));
    await tab.field('Description').fill('After');
    await tab.button('Save changes').click();
    await tab.see(tab.heading(endpoint.url));
    await tab.see(tab.text('After'));

    await tab.link('Edit').click();
    await tab.see(tab.heading('Edit endpoint'));
    expect(await tab.field('Description').inputValue()).toBe('After');
    await api.updateEndpoint({ id: endpoint.id, rateLimitPerSecond: 7 });
    await tab.field('Description').fill('Mine');
    await tab.button('Save changes').click();
    await tab.see(tab.text('Somebody else has changed this endpoint since you opened it: rate limit'));
    await tab.button('Save my changes as well').click();
    await tab.see(tab.heading(endpoint.url));

    expect(await api.endpoint(endpoint.id)).toMatchObject({
      description: 'Mine',
      rateLimitPerSecond: 7,
      headers: [{ name: 'X-Key', secret: true }],
    });
    await tab.link('Edit').click();
    await tab.see(tab.field('Description'));
    await api.updateEndpoint({ id: endpoint.id, description: 'Theirs' });
    await tab.field('Description').fill('Mine again');
    await tab.button('Save changes').click();
    await tab.button('Start again from theirs').click();
    await eventually('theirs', async () => (await tab.field('Description').inputValue()) === 'Theirs');
    await api.deleteEndpoint(endpoint.id);
  });

  it('keeps a hidden value of a header unless another is written, and asks for it where it cannot be kept', async () => {
    const { api } = setup;
    const endpoint = await create({ headers: [{ name: 'X-Key', value: 'hidden', secret: true }] });
    const tab = await openEndpoint(endpoint, '/edit');
    await tab.text('Advanced').click();
    await tab.field('Name of header 1').fill('X-Other-Key');
    await tab.button('Save changes').click();
    await tab.see(tab.text('Write its value again: the hidden one is kept only as X-Key, and secret.'));
    await tab.page.locator('input[aria-invalid]:focus').waitFor();
    await tab.field('Name of header 1').fill('X-Key');
    await tab.page.getByRole('checkbox', { name: 'Secret' }).uncheck({ force: true });
    await tab.button('Save changes').click();
    await tab.see(tab.text('Write its value again'));

    await tab.field('Value of header 1').fill('for all to see');
    await tab.button('Save changes').click();

    await tab.see(tab.heading(endpoint.url));
    await tab.see(tab.text('for all to see'));
    expect((await api.endpoint(endpoint.id))!.headers).toEqual([
      { name: 'X-Key', value: 'for all to see', secret: false },
    ]);
    await api.deleteEndpoint(endpoint.id);
  });

  it('is gone, also for whoever was editing it', async () => {
    const { api } = setup;
    const endpoint = await create();
    const tab = await openEndpoint(endpoint, '/edit');
    await tab.field('Description').fill('Too late');
    await api.deleteEndpoint(endpoint.id);
    await tab.button('Save changes').click();
    await tab.see(tab.heading('This endpoint was deleted'));
    await tab.page.reload();
    await tab.see(tab.heading('There is no such endpoint'));
    expect(await tab.accessibilityFaults()).toEqual([]);
  });

  it('shows no figures of one period as those of another', async () => {
    const { api } = setup;
    const endpoint = await create();
    const tab = await openEndpoint(endpoint);
    const figures = tab.page.getByRole('region', { name: 'Figures' });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await tab.page.route('**/graphql', async (route) => {
      await released;
      await route.fallback();
    });

    await tab.page.getByRole('radio', { name: '7 days' }).check({ force: true });
    await tab.page.locator('[aria-label=Figures][aria-busy=true]').waitFor();
    release();

    await tab.page.locator('[aria-label=Figures][aria-busy=false]').waitFor();
    await tab.see(figures.getByText('Success rate'));
    await api.deleteEndpoint(endpoint.id);
  });

  it('is deleted by whoever types what goes, and told of as gone', async () => {
    const { api } = setup;
    const endpoint = await create();
    const tab = await openEndpoint(endpoint);
    await tab.button('Delete…').click();
    await tab.see(tab.heading('Delete endpoint'));
    const confirm = tab.button('Delete for good');
    expect(await confirm.isDisabled()).toBe(true);
    await tab.field(/^Type .* to confirm$/).fill('something');
    expect(await confirm.isDisabled()).toBe(true);
    await tab.field(/^Type .* to confirm$/).fill(new URL(endpoint.url).host);
    await confirm.click();

    await eventually('the list', async () => tab.path === '/endpoints');
    await tab.see(tab.heading('Endpoints'));
    expect(await api.endpoint(endpoint.id)).toBeNull();
    await tab.page.goBack();
    await tab.page.goto(`${setup.service.url}/endpoints/${endpoint.id}`);
    await tab.see(tab.heading('There is no such endpoint'));
  });

  it('has the log of its own deliveries', async () => {
    const { api, receiver } = setup;
    receiver.answer({ status: 200 });
    const [one, other] = [await create(), await create({ eventTypes: ['customer.created'] })];
    await api.deliveryOf(await api.publishEvent('customer.created'), undefined, other.id);
    const tab = await openEndpoint(one);
    await tab.link('Deliveries').last().click();
    await api.publishEvent('invoice.paid');
    await tab.see(tab.row('invoice.paid').getByText('Succeeded'));
    expect(await tab.row('customer.created').count()).toBe(0);
    expect(tab.path).toBe(`/endpoints/${one.id}/deliveries`);
    expect(await tab.page.locator('.tabs [aria-current=page]').allInnerTexts()).toEqual(['Deliveries']);
    await tab.page.goto(`${setup.service.url}/endpoints/${one.id}/nothing`);
    await tab.see(tab.heading('There is no such page'));
    for (const { id } of [one, other]) await api.deleteEndpoint(id);
  });

  it('offers nothing that a key may not do', async () => {
    const { api } = setup;
    const endpoint = await create();
    const input = { name: 'Reader', scopes: ['endpoints:read'] };
    const { createApiKey } = await api.request<{ createApiKey: { key: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }',
      { input },
    );
    const tab = await open(`${setup.service.url}/endpoints/${endpoint.id}#token=${createApiKey.key}`);
    await tab.see(tab.heading(endpoint.url));
    await tab.see(tab.page.getByRole('region', { name: 'Figures' }));
    for (const name of ['Reveal', 'Replace…', 'Delete…', 'Send test event']) {
      expect(await tab.button(name).count()).toBe(0);
    }
    expect(await tab.link('Edit').count()).toBe(0);
    expect(await tab.page.getByRole('switch').count()).toBe(0);
    expect(await tab.link('Deliveries').count()).toBe(0);
    await tab.page.goto(`${setup.service.url}/endpoints/${endpoint.id}/deliveries`);
    await tab.see(tab.heading('You may not see deliveries'));
    for (const path of [`${endpoint.id}/edit`, 'new']) {
      await tab.page.goto(`${setup.service.url}/endpoints/${path}`);
      await tab.see(tab.heading('You may not change endpoints'));
    }
    await api.deleteEndpoint(endpoint.id);
  });

  it.each<[string, TabOptions]>([
    ['in light', {}],
    ['in dark', { theme: 'dark' }],
    ['on a phone', { isPhone: true }],
  ])('is easy on everybody %s', async (_how, options) => {
    const { api, receiver } = setup;
    receiver.answer(({ rawBody }) => ({ status: rawBody.includes('"fail"') ? 500 : 200 }));
    const endpoint = await create({ description: 'Order desk', retryScheduleSeconds: [] });
    await api.publishEvents(
      Array.from({ length: 12 }, (_, n) => ({ type: 'invoice.paid', data: n % 5 === 4 ? 'fail' : n })),
    );
    await eventually('all done', async () =>
      (await api.deliveries({ endpointIds: [endpoint.id] })).every(({ attemptCount }) => attemptCount > 0),
    );
    const tab = await openEndpoint(endpoint, '', options);
    await tab.see(tab.page.locator('.chart canvas').nth(1));
    await tab.see(tab.text('Settings'));
    expect(await tab.accessibilityFaults()).toEqual([]);
    expect(await tab.page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    await tab.screenshot(`endpoint-${options.theme ?? (options.isPhone ? 'phone' : 'light')}`);
    await tab.button('Delete…').click();
    await tab.see(tab.heading('Delete endpoint'));
    expect(await tab.accessibilityFaults('[role=dialog]')).toEqual([]);
    await tab.page.keyboard.press('Escape');
    await tab.seeNo(tab.heading('Delete endpoint'));
    await api.deleteEndpoint(endpoint.id);
  });
});
