import crypto, { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import express from 'express';
import { Webhook } from 'standardwebhooks';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab, TabOptions } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import type { ReceivedRequest } from '../support/receiver.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(async () => setup?.[Symbol.asyncDispose]());

describeInBrowser('adding an endpoint', ({ open }) => {
  const openForm = async (options?: TabOptions) => {
    const tab = await open(`${setup.service.url}/endpoints/new#token=${API_KEY}`, options);
    await tab.see(tab.heading('Add endpoint'));
    return tab;
  };
  const shownSecret = (tab: Tab) => tab.page.getByRole('region', { name: 'signing secret' }).textContent();

  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A server made of the code that the page shows: answers the status with which it meets a request. */
  const serveAsShown = async (tab: Tab, secret: string) => {
    const listing = await tab.page.getByRole('region', { name: 'verification code' }).textContent();
    const code = stripTypeScriptTypes(listing!.replace(/^import .*$/gm, ''));
    const app = express();
    const environment = { env: { WEBHOOK_SECRET: secret } };
    new Function('app', 'express', 'crypto', 'Webhook', 'process', code)(app, express, crypto, Webhook, environment);
    const server = app.listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return async ({ path, headers, rawBody }: Pick<ReceivedRequest, 'path' | 'headers' | 'rawBody'>) => {
      const sent = Object.entries(headers).filter(([name]) => /^(content-type|x-|webhook-)/.test(name));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
      const answer = await fetch(url, { method: 'POST', headers: sent as [string, string][], body: rawBody });
      return answer.status;
    };
  };

  it('takes a URL and some events, shows the secret once, and code that verifies what then arrives', async () => {
    const { api, receiver } = setup;
    const tab = await openForm();
    await tab.field('Endpoint URL').fill(`${receiver.url}/shop`);
    await tab.page.getByRole('radio', { name: 'Specific events' }).check({ force: true });
    await tab.page.getByRole('checkbox', { name: 'Payments' }).check({ force: true });
    await tab.page.getByRole('checkbox', { name: 'payment.refunded' }).uncheck({ force: true });
    await tab.page.getByRole('checkbox', { name: 'invoice.paid' }).check({ force: true });
    await tab.field('Description').fill('The shop');
    await tab.screenshot('add-endpoint-light');
    await tab.button('Create endpoint').click();

    await tab.see(tab.heading('Endpoint added'));
    const secret = (await shownSecret(tab))!;
    expect(secret).toMatch(/^whsec_[\w+/]+=*$/);
    const meet = await serveAsShown(tab, secret);
    await tab.screenshot('endpoint-added-light');
    await api.publishEvent('invoice.paid', { name: 'Zoë' });
    const request = (await receiver.receive(1))[0]!;
    const signedBy = (signature: string) => ({ ...request.headers, 'x-revkeen-signature': signature });
    expect(await meet(request)).toBe(204);
    expect(await meet({ ...request, rawBody: request.rawBody.replace('Zoë', 'Zoe') })).toBe(401);
    expect(await meet({ ...request, headers: signedBy('sha256=short') })).toBe(401);
    expect(await meet({ ...request, headers: signedBy('') })).toBe(401);
    const meetForgetful = await serveAsShown(tab, 'whsec_b3RoZXI=');
    expect(await meetForgetful(request)).toBe(401);

    await tab.page.getByRole('radio', { name: 'Standard Webhooks' }).check({ force: true });
    await tab.see(tab.text("from 'standardwebhooks'"));
    const meetStandard = await serveAsShown(tab, secret);
    expect(await meetStandard(request)).toBe(204);
    expect(await meetStandard({ ...request, rawBody: `${request.rawBody} ` })).toBe(401);

    await tab.link('Go to the endpoint').click();
    await tab.see(tab.heading(`${receiver.url}/shop`));
    const { endpoints } = await api.request<{ endpoints: { nodes: object[] } }>(
      '{ endpoints { nodes { url description eventTypes } } }',
    );
    expect(endpoints.nodes).toEqual([
      {
        url: `${receiver.url}/shop`,
        description: 'The shop',
        eventTypes: ['payment.succeeded', 'payment.failed', 'invoice.paid'],
      },
    ]);
    expect(await tab.page.content()).not.toContain(secret);
  });

  it('takes a prefix for all that begin so, and offers nothing that is deprecated', async () => {
    const { api, receiver } = setup;
    const register = `mutation ($input: RegisterEventTypeInput!) { registerEventType(input: $input) { userErrors { code } } }`;
    for (const name of ['order.packed', 'order.shipped', 'order.faxed']) {
      const input = { name, category: 'Orders', description: 'Sent when it is.', sampleData: {} };
      await api.request(register, { input });
    }
    await api.request('mutation { deprecateEventType(name: "order.faxed") { userErrors { code } } }');
    const tab = await openForm();
    await tab.field('Endpoint URL').fill(`${receiver.url}/orders`);
    await tab.page.getByRole('radio', { name: 'Specific events' }).check({ force: true });
    const orders = tab.page.getByRole('group', { name: 'Orders' });
    await orders.getByRole('checkbox', { name: 'order.shipped' }).check({ force: true });
    expect(await orders.getByRole('checkbox', { name: 'order.faxed' }).count()).toBe(0);
    await orders.getByRole('checkbox', { name: /^order\.\*/ }).check({ force: true });

    await tab.see(orders.getByRole('checkbox', { name: 'order.packed', checked: true, disabled: true }));
    await tab.button('Create endpoint').click();

    await tab.see(tab.heading('Endpoint added'));
    const { endpoints } = await api.request<{ endpoints: { nodes: { id: string; eventTypes: string[] }[] } }>(
      '{ endpoints { nodes { id eventTypes } } }',
    );
    const [endpoint] = endpoints.nodes;
    expect(endpoint!.eventTypes).toEqual(['order.*']);

    // It can be given up even when all that it stands for is deprecated.
    for (const name of ['order.packed', 'order.shipped']) {
      await api.request(`mutation { deprecateEventType(name: "${name}") { userErrors { code } } }`);
    }
    const again = await open(`${setup.service.url}/endpoints/${endpoint!.id}/edit#token=${API_KEY}`);
    await again.see(again.page.getByRole('checkbox', { name: /^order\.\*/, checked: true }));
  });

  it('says while one types what the service has against a URL, and at each field what is to be put right', async () => {
    const tab = await openForm();
    const url = tab.field('Endpoint URL');
    const fieldWithFocus = () => tab.page.evaluate<string>('document.activeElement.closest(".field")?.innerText ?? ""');
    await url.pressSequentially('http');
    await tab.button('Create endpoint').click();
    await url.fill('http://example.com/hooks');
    await tab.see(tab.text(/https/i).and(tab.page.locator('.field__error')));
    await url.fill('https://10.0.0.1/hooks');
    await tab.see(tab.page.locator('.field__error', { hasText: /public/ }));

    await url.fill('https://example.com/hooks');
    await tab.seeNo(tab.page.locator('.field__error', { hasText: /public/ }));
    await tab.page.getByRole('radio', { name: 'Specific events' }).check({ force: true });
    await tab.text('Advanced').click();
    await tab.field('Retries').fill('soon');
    await tab.button('Create endpoint').click();
    await tab.see(tab.text('Choose at least one event, or all events.'));
    await tab.see(tab.text('Write waits such as 30s'));
    expect(await fieldWithFocus()).toMatch(/^Events/);

    await tab.page.getByRole('radio', { name: 'All events' }).check({ force: true });
    await tab.text('Advanced').click();
    await tab.button('Create endpoint').click();
    await eventually('the focus where a fault was folded away', async () => /^Retries/.test(await fieldWithFocus()));
    await tab.field('Retries').fill('1m, 2h');
    await tab.field('Rate limit').fill('0');
    await tab.button('Add header').click();
    await tab.field('Name of header 1').fill('content-length');
    await tab.field('Value of header 1').fill('5');
    await tab.button('Create endpoint').click();
    await tab.see(tab.page.locator('.header-fields .field__error'));
    await tab.see(tab.page.locator('.field__error', { hasText: /attempts per second/ }));

    await tab.field('Rate limit').fill('20');
    await tab.field('Name of header 1').fill('X-Gateway');
    await tab.field('Value of header 1').fill('let-me-in');
    await tab.page.getByRole('checkbox', { name: 'Secret' }).check({ force: true });
    await tab.button('Create endpoint').click();
    await tab.see(tab.heading('Endpoint added'));
    const { endpoints } = await setup.api.request<{ endpoints: { nodes: object[] } }>(
      '{ endpoints(first: 1) { nodes { allEvents rateLimitPerSecond retryScheduleSeconds headers { name secret } } } }',
    );
    expect(endpoints.nodes).toEqual([
      {
        allEvents: true,
        rateLimitPerSecond: 20,
        retryScheduleSeconds: [60, 7_200],
        headers: [{ name: 'X-Gateway', secret: true }],
      },
    ]);
  });

  it('shows code for the signature that dates the request, where that is chosen', async () => {
    const tab = await openForm();
    const { api, receiver } = setup;
    await tab.field('Endpoint URL').fill(`${receiver.url}/dated`);
    await tab.text('Advanced').click();
    await tab.choose('sha256=<hex> Signature format', 't=<time>,v1=<hex>, which dates the request');
    await tab.button('Create endpoint').click();

    await tab.see(tab.heading('Endpoint added'));
    const secret = (await shownSecret(tab))!;
    const meet = await serveAsShown(tab, secret);
    const before = receiver.requests.length;
    await api.publishEvent('customer.created');
    await eventually('the request', async () =>
      receiver.requests.slice(before).some(({ path }) => path.endsWith('/dated')),
    );
    const request = receiver.requests.slice(before).find(({ path }) => path.endsWith('/dated'))!;
    expect(await meet(request)).toBe(204);
    expect(await meet({ ...request, rawBody: `${request.rawBody} ` })).toBe(401);
    const longAgo = Math.floor(Date.now() / 1_000) - 600;
    const digest = createHmac('sha256', secret).update(`${longAgo}.${request.rawBody}`).digest('hex');
    const headers = { ...request.headers, 'x-revkeen-signature': `t=${longAgo},v1=${digest}` };
    expect(await meet({ ...request, headers })).toBe(401);
  });

  it.each<[string, TabOptions]>([
    ['in light', {}],
    ['in dark', { theme: 'dark' }],
    ['on a phone', { isPhone: true }],
  ])('is easy on everybody %s', async (_how, options) => {
    const tab = await openForm(options);
    await tab.page.getByRole('radio', { name: 'Specific events' }).check({ force: true });
    await tab.text('Advanced').click();
    await tab.button('Add header').click();
    await tab.button('Create endpoint').click();
    await tab.see(tab.text('Choose at least one event'));
    expect(await tab.accessibilityFaults()).toEqual([]);
    expect(await tab.page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    await tab.screenshot(`add-endpoint-${options.theme ?? (options.isPhone ? 'phone' : 'faults')}`);
  });
});
