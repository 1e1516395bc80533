import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createLog } from '../../src/log.js';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import type { Tab } from '../support/browser/tab.js';
import { eventually } from '../support/eventually.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';
import { createSigningKey, TokenIssuer } from '../support/token-issuer.js';

const clock = { offsetMs: 0, now: () => Date.now() + clock.offsetMs };

let setup: Setup;
let issuer: TokenIssuer;
let product: Product;
let stranger: Product;

beforeAll(async () => {
  [product, stranger] = [await Product.start(), await Product.start()];
  issuer = await TokenIssuer.start([await createSigningKey('ec-1', 'ES256')]);
  setup = await setUp({ clock, env: { ALLOWED_ORIGINS: product.url, ...issuer.env } });
  await setup.api.createEndpoint({ url: new URL('/embedded', setup.receiver.url), allEvents: true });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
  await Promise.all([product, stranger, issuer].map((one) => one[Symbol.asyncDispose]()));
});

afterEach(() => {
  clock.offsetMs = 0;
  product.token = '';
});

/** A token for the account that has an endpoint, or another account. */
const sign = (lifeSeconds: number, account = 'default') => {
  const exp = Math.floor(clock.now() / 1_000) + lifeSeconds;
  return issuer.sign({ claims: { account, exp, scope: 'endpoints:read endpoints:write' } });
};

/** A page of somebody else's that shows another in a frame, and gives it a token when it asks for one. */
class Product implements AsyncDisposable {
  /** What the frame shows. */
  shown = '';
  token = '';
  /** How often a token was asked for. */
  asked = 0;
  readonly #server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/token') {
      this.asked += 1;
      response.end(this.token);
      return;
    }
    response.end(`<!doctype html><title>Product</title><iframe src="${this.shown}" width="1200" height="700"></iframe>
      <script>
        const give = (token) => frames[0].postMessage({ type: 'revkeen-webhooks:token', token }, '*');
        addEventListener('message', async ({ source, data }) => {
          if (source !== frames[0] || data.type !== 'revkeen-webhooks:token-wanted') return;
          give(await (await fetch('/token')).text());
        });
      </script>`);
  });

  static async start(): Promise<Product> {
    const product = new Product();
    product.#server.listen(0, '127.0.0.1');
    await once(product.#server, 'listening');
    return product;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

describeInBrowser('the dashboard in a frame', ({ open, expectFaults }) => {
  it('is shown by an allowed origin, signed in, live, and in the colours that it asks for', async () => {
    const { api, receiver, service } = setup;
    product.shown = `${service.url}/endpoints?theme=dark#token=${API_KEY}`;
    const tab = await open(product.url);
    const frame = tab.page.frameLocator('iframe');

    await tab.see(frame.getByRole('row').filter({ hasText: '/embedded' }).getByText('Never'));
    expect(await frame.locator('html').getAttribute('data-theme')).toBe('dark');
    await api.publishEvent('invoice.paid');
    await receiver.receive(1);

    await tab.see(frame.getByRole('row').filter({ hasText: '/embedded' }).getByText('100 %'));
  });

  it('tells a person whose token has ended so, and nothing of keys', async () => {
    expectFaults(/401/);
    product.shown = `${setup.service.url}/endpoints#token=e30.e30.c2ln`;
    const tab = await open(product.url);
    const frame = tab.page.frameLocator('iframe');

    await tab.see(frame.getByRole('heading', { name: 'Your session has ended' }));

    expect(await frame.getByRole('main').textContent()).not.toMatch(/key/i);
  });

  it('is refused to every other origin, and the explorer to all', async () => {
    expectFaults(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE/);
    const { service } = setup;
    for (const [host, path] of [
      [stranger, '/endpoints'],
      [product, '/graphiql'],
    ] as const) {
      host.shown = `${service.url}${path}#token=${API_KEY}`;
      const tab = await open(host.url);
      await tab.page.waitForLoadState('load');

      expect(await tab.page.frameLocator('iframe').locator('#root').count()).toBe(0);
      expect(tab.faults.join()).toMatch(/frame-ancestors/);
    }
  });

  it('is not empty in silence while no token can be verified', async () => {
    expectFaults(/503|ERR_|WebSocket/);
    await using silent = await TokenIssuer.start([await createSigningKey('ec-1', 'ES256')]);
    silent.fault = { status: 500, body: '' };
    const log = createLog({ level: 'silent' });
    await using setup = await setUp({ log, env: silent.env });

    const tab = await open(`${setup.service.url}/endpoints#token=${await silent.sign()}`);

    await tab.see(tab.text('Connecting…'));
  });

  it('offers nothing that would lead out of the frame', async () => {
    product.shown = `${setup.service.url}/endpoints#token=${await sign(3_600)}`;
    const tab = await open(product.url);
    const frame = tab.page.frameLocator('iframe');

    await tab.see(frame.getByRole('link', { name: 'Endpoints' }));

    expect(await frame.getByText('Explorer').count()).toBe(0);
    expect(await frame.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  });
});

describeInBrowser('a new token', ({ open, expectFaults }) => {
  const give = (tab: Tab, token: string) => tab.page.evaluate(`give(${JSON.stringify(token)})`);

  it('lets the reader go on where they are when the old one ends', async () => {
    const { api, receiver, service } = setup;
    product.shown = `${service.url}/endpoints/new#token=${await sign(3_600)}`;
    const tab = await open(product.url);
    const frame = tab.page.frameLocator('iframe');
    await frame.getByLabel('Endpoint URL').fill(`${new URL('/half-typed', receiver.url)}`);

    await give(tab, await sign(36_000));
    clock.offsetMs = 2 * 3_600_000;
    await frame.getByRole('button', { name: 'Create endpoint' }).click();

    await tab.see(frame.getByRole('heading', { name: 'Endpoint added' }));
    await frame.getByRole('link', { name: 'Endpoints', exact: true }).first().click();
    const row = frame.getByRole('row').filter({ hasText: '/half-typed' });
    await tab.see(row.getByText('Never'));
    await api.publishEvent('invoice.paid');
    await tab.see(row.getByText('100 %'));
  });

  it('is asked for before the old one ends', async () => {
    product.shown = `${setup.service.url}/endpoints#token=${await sign(300)}`;
    const before = product.asked;
    const tab = await open('about:blank');
    await tab.page.clock.install();
    await tab.page.goto(product.url);
    await tab.see(tab.page.frameLocator('iframe').getByRole('row').filter({ hasText: '/embedded' }));
    expect(product.asked).toBe(before);

    await tab.page.clock.fastForward(240_000);

    await eventually('a token is asked for', async () => product.asked > before);
  });

  it('is asked for when the old one is refused, and not again when that is refused, too', async () => {
    expectFaults(/401/);
    product.shown = `${setup.service.url}/endpoints#token=${await sign(-60)}`;
    product.token = await sign(-50);
    const before = product.asked;
    const tab = await open('about:blank');
    await tab.page.addInitScript('heard = 0; addEventListener("message", () => { heard += 1; })');
    await tab.page.goto(product.url);
    const frame = tab.page.frameLocator('iframe');

    const heard = () =>
      tab.page
        .frames()[1]
        ?.evaluate('heard')
        .catch(() => 0);
    await eventually('the second is heard', async () => (await heard()) === 1);
    await tab.see(frame.getByRole('heading', { name: 'Your session has ended' }));
    await give(tab, await sign(300));

    await tab.see(frame.getByRole('row').filter({ hasText: '/embedded' }));
    expect(product.asked).toBe(before + 1);
  });

  it('of somebody else shows what is theirs, and nothing of before', async () => {
    product.shown = `${setup.service.url}/endpoints#token=${await sign(300)}`;
    const tab = await open(product.url);
    const frame = tab.page.frameLocator('iframe');
    await tab.see(frame.getByRole('row').filter({ hasText: '/embedded' }));

    await give(tab, await sign(300, 'other'));

    await tab.see(frame.getByTitle('Account other'));
    expect(await frame.getByText('/embedded').count()).toBe(0);
  });

  it('is taken from the page around the frame alone, and no key is taken for one', async () => {
    const token = await sign(300);
    product.shown = `${setup.service.url}/endpoints#token=${token}`;
    const tab = await open(product.url);
    await tab.see(tab.page.frameLocator('iframe').getByRole('row').filter({ hasText: '/embedded' }));
    const frame = tab.page.frames()[1]!;
    await frame.evaluate('heard = 0; addEventListener("message", () => { heard += 1; })');

    const message = JSON.stringify({ type: 'revkeen-webhooks:token', token: await sign(300, 'other') });
    await tab.page.evaluate(`
      const beside = document.createElement('iframe');
      beside.srcdoc = '<script>parent.frames[0].postMessage(${message}, "*")</script>';
      document.body.append(beside);`);
    await give(tab, API_KEY);

    await eventually('both are heard', async () => (await frame.evaluate('heard')) === 2);
    expect(await frame.evaluate('sessionStorage.getItem("webhooks.credential")')).toBe(token);
  });
});
