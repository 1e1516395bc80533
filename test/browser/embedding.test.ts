import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

let setup: Setup;
let product: Product;
let stranger: Product;

beforeAll(async () => {
  [product, stranger] = [await Product.start(), await Product.start()];
  setup = await setUp({ env: { ALLOWED_ORIGINS: product.url } });
  await setup.api.createEndpoint({ url: new URL('/embedded', setup.receiver.url), allEvents: true });
});

afterAll(async () => {
  await setup[Symbol.asyncDispose]();
  await Promise.all([product, stranger].map((one) => one[Symbol.asyncDispose]()));
});

/** A page of somebody else's that shows another in a frame. */
class Product implements AsyncDisposable {
  /** What the frame shows. */
  shown = '';
  readonly #server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Product</title><iframe src="${this.shown}" width="1200" height="700"></iframe>`,
    );
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
});
