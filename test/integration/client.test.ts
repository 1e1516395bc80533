import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Connection,
  DeliveriesDocument,
  DeliveryUpdatedDocument,
  EventPublishedDocument,
  follow,
  publish,
  request,
  WebhooksError,
} from '../../src/client/index.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live.js';
import { API_KEY, type Setup, setUp } from '../support/service.js';

jest.setTimeout(60_000);

const root = join(import.meta.dirname, '../..');

let setup: Setup;
let connection: Connection;

beforeAll(async () => {
  setup = await setUp();
  connection = { url: `${setup.api.url}/graphql`, credential: API_KEY };
});

afterAll(async () => setup?.[Symbol.asyncDispose]());

/** Sends requests as they are, after it did each of these in turn instead. */
function fetchAfter(...mishaps: ((...args: Parameters<typeof fetch>) => Promise<Response>)[]) {
  const sent: unknown[] = [];
  const send: typeof fetch = async (...args) => {
    sent.push(JSON.parse(String(args[1]?.body)));
    return (mishaps.shift() ?? fetch)(...args);
  };
  return { sent, fetch: send };
}

describe('publishing', () => {
  it('goes on until it is known to be done, and never makes a second event of the first', async () => {
    const lost: typeof fetch = async (...args) => {
      await (await fetch(...args)).text();
      throw new TypeError('the answer got lost');
    };
    const away = async () => new Response('<html>no service here</html>', { status: 502 });
    const busy = async () =>
      Response.json({ errors: [{ message: 'Later.', extensions: { code: 'UNAVAILABLE' } }] }, { status: 503 });
    const unlucky = fetchAfter(away, lost, busy);

    const results = await publish({ ...connection, fetch: unlucky.fetch }, [
      { type: 'invoice.paid', data: { n: 1 } },
      { type: 'invoice.paid', data: { n: 2 }, idempotencyKey: 'of my own' },
    ]);

    expect(unlucky.sent).toHaveLength(4);
    expect(new Set(unlucky.sent.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(results.map(({ duplicate }) => duplicate)).toEqual([true, true]);
    const { nodes } = await setup.api.page<{ id: string }>('events', {});
    expect(nodes.map(({ id }) => id).sort()).toEqual(results.map(({ event }) => event!.id).sort());
  });

  it('gives up at once where nothing would be different later', async () => {
    const unknown = await publish(connection, [{ type: 'no.such', data: {} }]).catch((error) => error);
    expect(unknown).toBeInstanceOf(WebhooksError);
    expect(unknown).toMatchObject({ code: 'USER_ERRORS', userErrors: [{ code: 'UNKNOWN_EVENT_TYPE' }] });

    const { sent, fetch } = fetchAfter();
    const stranger = { ...connection, credential: async () => 'rk_live_of_nobody_at_all', fetch };
    await expect(publish(stranger, [{ type: 'invoice.paid', data: {} }])).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(sent).toHaveLength(1);
  });

  it('gives up when its patience is over, and when it is told to', async () => {
    const nowhere = { ...connection, url: 'http://127.0.0.1:9/graphql' };
    const event = { type: 'invoice.paid', data: {} };
    await expect(publish(nowhere, [event], { patienceMs: 300 })).rejects.toMatchObject({ code: 'NO_ANSWER' });
    const giveUp = new AbortController();
    const publishing = publish(nowhere, [event], { signal: giveUp.signal });
    giveUp.abort(new Error('told to'));
    await expect(publishing).rejects.toThrow(/told to|aborted/);
  });
});

describe('following', () => {
  it('misses nothing over a lost connection, and ends when the loop is left', async () => {
    await using live = await LiveClient.connect(setup.api, { retryAttempts: 1_000 });
    const told = new Set<string>();
    const following = (async () => {
      for await (const { eventPublished } of follow(live.client, EventPublishedDocument, {})) {
        if (eventPublished.kind === 'READY') told.add('READY');
        if (eventPublished.event) told.add(eventPublished.event.id);
        if (told.size === 21) return;
      }
    })();
    await eventually('ready', async () => told.has('READY'));
    const publishSome = () =>
      publish(
        connection,
        Array.from({ length: 10 }, (_, n) => ({ type: 'customer.created', data: { n } })),
      );

    const before = await publishSome();
    live.kill();
    const behind = await publishSome();
    await following;

    for (const { event } of [...before, ...behind]) expect(told).toContain(event!.id);
  });

  it('ends with the subscription, and throws what it is refused with', async () => {
    await using live = await LiveClient.connect(setup.api);
    const { receiver } = setup;
    await setup.api.createEndpoint({ url: receiver.url, eventTypes: ['payment.failed'] });
    const [published] = await publish(connection, [{ type: 'payment.failed', data: {} }]);
    const eventId = published!.event!.id;

    const statuses: string[] = [];
    for await (const { deliveryUpdated } of follow(live.client, DeliveryUpdatedDocument, { eventId })) {
      if (deliveryUpdated.delivery) statuses.push(deliveryUpdated.delivery.status);
    }
    expect(statuses.at(-1)).toBe('SUCCEEDED');
    const { deliveries } = await request(connection, DeliveriesDocument, { filter: { eventId } });
    expect(deliveries.nodes).toMatchObject([{ status: 'SUCCEEDED', lastAttempt: { responseStatusCode: 200 } }]);

    const refused = follow(live.client, EventPublishedDocument, { after: 'nonsense' });
    await expect(refused.next()).rejects.toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

it('leaves out of a bundle what is not imported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-bundle-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const entry = join(folder, 'entry.js');
  await writeFile(entry, `export { publish } from ${JSON.stringify(join(root, 'src/client/index.ts'))};`);
  const options = {
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      lib: { entry, formats: ['es'], fileName: 'bundle' },
      rollupOptions: { external: ['graphql/language/printer.js', 'graphql-ws'] },
    },
  };
  // In a process of its own: it is no friend of the sandbox that tests run in.
  const program = `import { build } from 'vite'; await build(${JSON.stringify(options)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: root });
  const code = await readFile(join(folder, 'bundle.mjs'), 'utf8');
  expect(code).toContain('publishEvents');
  expect(code).not.toMatch(/eventPublished|subscribeResuming|revealSigningSecret/);
});

describe('the examples', () => {
  /** Runs an example until it prints something. */
  async function run(example: string, expected: RegExp, meanwhile?: (child: ChildProcess) => Promise<unknown>) {
    const env = { PATH: process.env.PATH, WEBHOOKS_URL: connection.url, WEBHOOKS_KEY: API_KEY };
    const child = spawn(process.execPath, ['--no-warnings', join(root, 'examples', example)], { env });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
      });
    }
    const ended = once(child, 'close');
    try {
      if (meanwhile) {
        await eventually(`"following" in ${printed}`, async () => printed.includes('following'), 30_000);
        await meanwhile(child);
      }
      await eventually(`${expected} printed`, async () => expected.test(printed), 30_000).catch(() => {});
      expect(printed).toMatch(expected);
    } finally {
      if (meanwhile) child.kill();
      await ended;
    }
  }

  it('with graphql-ws run as they are', async () => {
    const { receiver } = setup;
    const { id } = await setup.api.createEndpoint({ url: `${receiver.url}/example`, eventTypes: ['invoice.paid'] });
    await run('graphql-ws.ts', /^published evt_\w+\nREADY +\n[\s\S]*UPDATED SUCCEEDED 200\n$/);
    await setup.api.deleteEndpoint(id);
  });

  it('with Apollo Client run as they are', async () => {
    const { receiver } = setup;
    const { id } = await setup.api.createEndpoint({ url: `${receiver.url}/apollo`, eventTypes: ['invoice.paid'] });
    await run('apollo-client.ts', /\/apollo ACTIVE 0\n[\s\S]*\/apollo DISABLED 0\n/, () =>
      setup.api.disableEndpoint(id),
    );
  });
});
