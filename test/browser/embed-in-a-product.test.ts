import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { describeInBrowser } from '../support/browser/describe-in-browser.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { Program } from '../support/processes.js';
import { API_KEY, OTHER_API_KEY, type Setup, setUp } from '../support/service.js';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLE = join(ROOT, 'examples/embed-in-a-product.ts');

let setup: Setup;
let example: Program;
let product: string;

beforeAll(async () => {
  const port = await freePort();
  product = `http://127.0.0.1:${port}`;
  const accounts = `customer-1=${API_KEY},customer-2=${OTHER_API_KEY}`;
  setup = await setUp({ env: { ...settingsOfTheGuide(), BOOTSTRAP_API_KEY: accounts } });
  const { api, otherApi, receiver, service } = setup;
  const { key } = await api.createApiKey(['catalog:admin']);
  const env = { WEBHOOKS_URL: `${service.url}/graphql`, WEBHOOKS_KEY: key, PORT: `${port}` };
  example = new Program([], { program: EXAMPLE, env });
  await example.print(/sign-in/);
  await api.createEndpoint({ url: new URL('/first', receiver.url), eventTypes: ['invoice.paid'] });
  await otherApi.createEndpoint({ url: new URL('/of-others', receiver.url), eventTypes: ['order.*'] });
});

afterAll(async () => {
  await example?.[Symbol.asyncDispose]();
  await setup?.[Symbol.asyncDispose]();
});

/** What the guide says that the service is started with, for the product where it is now. */
function settingsOfTheGuide(): Record<string, string> {
  const guide = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8');
  const [, settings = ''] = /^```sh\n(JWT_JWKS_URL=.*?)^```$/ms.exec(guide) ?? [];
  const pairs = settings.replaceAll('http://127.0.0.1:3000', product).matchAll(/^(\w+)=(\S+)$/gm);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name, value]));
}

describeInBrowser('a product with the dashboard in a page', ({ open, expectFaults }) => {
  const openAs = async (user: string) => {
    const tab = await open('about:blank');
    await tab.page.clock.install();
    await tab.page.goto(`${product}/sign-in?user=${user}`);
    return { tab, frame: tab.page.frameLocator('iframe') };
  };

  it('lets its customer add an endpoint there, which receives what the product publishes, in its own name', async () => {
    const { receiver } = setup;
    const { tab, frame } = await openAs('owner-1');
    await tab.see(frame.getByRole('row').filter({ hasText: '/first' }));
    expect(await frame.getByText('/of-others').count()).toBe(0);

    await frame.getByRole('link', { name: 'Add endpoint' }).click();
    await frame.getByLabel('Endpoint URL').fill(`${new URL('/added', receiver.url)}`);
    await frame.getByRole('radio', { name: 'Specific events' }).check({ force: true });
    await frame.getByRole('checkbox', { name: 'order.shipped' }).check({ force: true });
    await frame.getByRole('button', { name: 'Create endpoint' }).click();
    const secret = (await frame.getByRole('region', { name: 'signing secret' }).textContent())!;
    await frame.getByRole('link', { name: 'Deliveries' }).click();
    await tab.see(frame.getByRole('heading', { name: 'Deliveries' }));
    await tab.see(frame.getByText('No deliveries yet'));
    await tab.button('Ship an order').click();

    const [request] = await receiver.receive(1);
    const { headers, rawBody, path } = request!;
    const digest = createHmac('sha256', secret).update(rawBody).digest('hex');
    expect({ path, type: JSON.parse(rawBody).type }).toEqual({ path: '/added', type: 'order.shipped' });
    expect(headers).toMatchObject({ 'x-shop-signature': `sha256=${digest}` });
    expect(headers).not.toHaveProperty('x-revkeen-signature');
    expect(new Webhook(secret).verify(rawBody, headers as Record<string, string>)).toEqual(JSON.parse(rawBody));
    await tab.see(frame.getByRole('row').filter({ hasText: 'order.shipped' }).getByText('Succeeded'));
  });

  it('gives the dashboard a new token while somebody looks at it', async () => {
    const { tab, frame } = await openAs('owner-1');
    await tab.see(frame.getByRole('row').filter({ hasText: '/first' }));
    const token = () => tab.page.frames()[1]!.evaluate('sessionStorage.getItem("webhooks.credential")');
    const first = await token();

    await tab.page.clock.fastForward(240_000);

    await eventually('there is another one', async () => (await token()) !== first);
    await tab.see(frame.getByRole('row').filter({ hasText: '/first' }));
  });

  it('lets each user do what the product says, with what is theirs', async () => {
    const reader = await openAs('reader-1');
    await reader.tab.see(reader.frame.getByRole('row').filter({ hasText: '/first' }));
    expect(await reader.frame.getByRole('link', { name: 'Add endpoint' }).count()).toBe(0);

    const other = await openAs('owner-2');
    await other.tab.see(other.frame.getByRole('row').filter({ hasText: '/of-others' }));
    expect(await other.frame.getByText('/first').count()).toBe(0);

    expectFaults(/401/);
    const { tab } = await openAs('nobody');
    await tab.see(tab.text('Not signed in.'));
  });
});
