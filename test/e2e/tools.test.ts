import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { readConfig } from '../../src/config/config.js';
import { createLog } from '../../src/log.js';
import { type Service, serve } from '../../src/serve.js';
import { eventually } from '../support/eventually.js';
import { Program, runProgram } from '../support/processes.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { API_KEY, type Setup, setUp, testEnvironment } from '../support/service.js';

jest.setTimeout(90_000);

let setup: Setup;
let folder: string;
/** Of a developer: the service could not reach it. */
let local: Receiver;

beforeAll(async () => {
  setup = await setUp({ env: { RETRY_SCHEDULE: '1h' } });
  folder = await mkdtemp(join(tmpdir(), 'revkeen-webhooks-tools-'));
  local = await startReceiver({ tls: false });
});

afterAll(async () => {
  await local?.close();
  await rm(folder, { recursive: true, force: true });
  await setup?.[Symbol.asyncDispose]();
});

function environment(url = setup.api.url) {
  return { env: { REVKEEN_WEBHOOKS_URL: url, REVKEEN_WEBHOOKS_API_KEY: API_KEY } };
}

function startApi(port: number): Promise<Service> {
  const env = { ...testEnvironment(setup.database.url), ROLES: 'api', PORT: String(port) };
  return serve({ config: readConfig(env), log: createLog({ level: 'error' }) });
}

describe('listen', () => {
  it('forwards what is published, signed with the secret that it prints, and misses nothing over a break', async () => {
    const { api } = setup;
    let service = await startApi(0);
    await using opened = new AsyncDisposableStack();
    opened.defer(() => service.stop());
    local.answer(({ rawBody }) => ({ status: rawBody.includes('refuse') ? 500 : 204 }));
    const { url } = service;
    await using listening = new Program(['listen', '--forward-to', local.url], environment(url));
    await listening.print(/^Ready\./m);
    const [, secret] = /^Signing secret {2}(whsec_\S+)$/m.exec(listening.stdout)!;

    const first = await api.publishEvent('invoice.paid', { amount: 5 });
    await service.stop();
    const { results } = await api.publishEvents(
      Array.from({ length: 30 }, (_, n) => ({ type: 'customer.created', data: { n, refuse: n === 29 || undefined } })),
    );
    service = await startApi(Number(new URL(url).port));
    await listening.print(/POST → 500/);
    const { code, stdout, stderr } = await listening.stop('SIGINT');

    const events = [first, ...results.map(({ event }) => event!)];
    const seen = new Webhook(secret!);
    const received = local.requests.map(({ rawBody, headers }) => {
      seen.verify(rawBody, headers as Record<string, string>);
      return headers['webhook-id'];
    });
    expect(new Set(received)).toEqual(new Set(events.map(({ id }) => id)));
    expect(received).toHaveLength(31);
    expect(stdout).toMatch(new RegExp(`^[\\d:]{8} {2}invoice\\.paid +${first.id} {2}POST → 204 {2}\\d+ ms$`, 'm'));
    expect(stdout).toContain('Forwarded 31 events; 1 not answered with 2xx.');
    expect(stderr).toContain('Connection lost');
    expect(code).toBe(0);
  });

  it('forwards the types asked for, and goes on when nobody takes them', async () => {
    const gone = await startReceiver({ tls: false });
    await gone.close();
    const args = ['listen', '--forward-to', gone.url, '--events', 'invoice.paid, payment.failed'];
    await using listening = new Program(args, environment());
    await listening.print(/^Ready\./m);

    await setup.api.publishEvent('customer.created');
    await setup.api.publishEvent('invoice.paid');
    await setup.api.publishEvent('payment.failed');

    await listening.print(/payment\.failed .*POST/);
    expect(listening.stdout.match(/POST → .*ECONNREFUSED/g)).toHaveLength(2);
    expect(listening.stdout).not.toMatch(/customer\.created/);
  });

  it.each([
    ['an unknown key', ['--api-key', 'rk_live_nobody_has_this_key'], 'does not know this API key'],
    ['a service that is not there', ['--url', 'http://127.0.0.1:9'], 'http://127.0.0.1:9 does not answer'],
    ['a damaged secret', ['--secret', 'whsec_short'], 'A signing secret is whsec_'],
  ])('says what to do about %s', async (_what, args, message) => {
    const finished = await runProgram(['listen', '--forward-to', local.url, ...args], environment());
    expect(finished.code).toBe(1);
    expect(finished.stderr).toContain(message);
    expect(finished.stderr).not.toContain('    at ');
  });

  it('asks for a key when it has none', async () => {
    const { code, stderr } = await runProgram(['listen', '--forward-to', local.url]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'No API key: give --api-key, or set REVKEEN_WEBHOOKS_API_KEY.\n',
    });
  });
});

describe('trigger', () => {
  it('publishes a sample, and tells what each endpoint answered', async () => {
    const { api, receiver } = setup;
    receiver.answer(({ path }) => ({ status: path.endsWith('/bad') ? 500 : 200 }));
    const trigger = (...args: string[]) => runProgram(['trigger', 'chargeback.won', ...args], environment());

    const none = await trigger();
    expect(none).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Published evt_\w+, .* to 0 endpoints\.\n$/),
    });

    const good = await api.createEndpoint({ url: `${receiver.url}/good`, eventTypes: ['chargeback.won'] });
    const file = join(folder, 'data.json');
    await writeFile(file, '{ "amount": 1234 }');
    const one = await trigger('--data', file);
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/to 1 endpoint\.\n {2}SUCCEEDED {2}dlv_\w+ {2}https:.*\/good {2}200 in \d+ ms\n$/);
    expect(receiver.requests.at(-1)!.rawBody).toContain('"data":{"amount":1234}');

    await api.createEndpoint({ url: `${receiver.url}/bad`, eventTypes: ['chargeback.won'] });
    await api.disableEndpoint(good.id);
    const both = await trigger();
    expect(both.code).toBe(1);
    expect(both.stdout).toMatch(/HELD {7}dlv_\w+ {2}https:.*\/good {2}not tried yet$/m);
    expect(both.stdout).toMatch(/RETRYING {3}dlv_\w+ {2}https:.*\/bad {2}500 in \d+ ms, again at 2/m);
  });

  it('sends what the service publishes itself as a test event, to the enabled endpoints that would get it', async () => {
    const { api, receiver } = setup;
    const path = (request: { path: string }) => request.path.endsWith('/watcher');
    receiver.answer((request) => ({ status: path(request) ? 204 : 500 }));
    await api.createEndpoint({ url: `${receiver.url}/watcher`, eventTypes: ['endpoint.failing'] });
    await api.createEndpoint({ url: `${receiver.url}/other`, eventTypes: ['endpoint.recovered'] });
    const off = await api.createEndpoint({ url: `${receiver.url}/off`, eventTypes: ['endpoint.failing'] });
    await api.disableEndpoint(off.id);
    const trigger = (type: string) => runProgram(['trigger', type], environment());

    const good = await trigger('endpoint.failing');
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(
      /test event to 1 endpoint\.\n {2}SUCCEEDED {2}dlv_\w+ {2}https:.*\/watcher {2}204 in \d+ ms\n$/,
    );
    expect(JSON.parse(receiver.requests.findLast(path)!.rawBody)).toMatchObject({
      livemode: false,
      data: { status: 'FAILING' },
    });

    const bad = await trigger('endpoint.recovered');
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/FAILED {5}dlv_\w+ {2}https:.*\/other {2}500 in \d+ ms\n$/);
  });

  it.each([
    ['an unknown type', ['trigger', 'no.such'], 'There is no event type "no.such". There are payment.succeeded, '],
    ['a file that is not there', ['trigger', 'invoice.paid', '--data', '/nowhere.json'], 'Cannot read the data'],
  ])('says what to do about %s', async (_what, args, message) => {
    const { code, stderr } = await runProgram(args, environment());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
  });
});

describe('verify', () => {
  it('tells whether the secret has signed what was written to files, and what became of it otherwise', async () => {
    const { api, receiver } = setup;
    receiver.answer({ status: 200 });
    const input = { url: `${receiver.url}/verify`, eventTypes: ['payment.refunded'] };
    const { signingSecret } = await api.createEndpoint(input);
    await api.deliveryOf(await api.publishEvent('payment.refunded', { amount: 5 }));
    const request = await eventually('the request', async () =>
      receiver.requests.find(({ path }) => path.endsWith('/verify')),
    );
    const [body, headers] = [join(folder, 'body'), join(folder, 'headers')];
    const verify = async (text: string, ...args: string[]) => {
      await writeFile(body, text);
      const { code, stdout, stderr } = await runProgram(['verify', '--body', body, '--headers', headers, ...args], {
        env: { REVKEEN_WEBHOOKS_SECRET: signingSecret },
      });
      return { code, told: stdout + stderr };
    };
    await writeFile(headers, JSON.stringify(request.headers));

    const right = await verify(request.rawBody);
    expect(right.code).toBe(0);
    expect(right.told).toMatch(/^right {2}x-revkeen-signature\nright {2}webhook-signature\nSigned at 2.*, \d+ s ago/);
    const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    await writeFile(headers, lines.join('\r\n'));
    expect((await verify(request.rawBody)).code).toBe(0);

    const broken = await verify(`${request.rawBody}\n`);
    expect(broken).toEqual({ code: 1, told: expect.stringMatching(/^WRONG[\s\S]*ends with a line break/) });
    const formatted = await verify(JSON.stringify(JSON.parse(request.rawBody), null, 2));
    expect(formatted).toEqual({ code: 1, told: expect.stringContaining('written anew by a JSON formatter') });
    const changed = await verify(request.rawBody.replace('5', '6'));
    expect(changed).toEqual({ code: 1, told: expect.stringContaining('not the secret of the endpoint') });
    const bare = await verify(request.rawBody, '--secret', signingSecret.slice('whsec_'.length));
    expect(bare).toEqual({ code: 1, told: expect.stringContaining('whsec_ included') });
    await writeFile(headers, 'content-type: application/json');
    expect((await verify(request.rawBody)).told).toContain('these headers are not signed');
  });
});
