import { createHmac, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { findSecrets, type KnownSecret } from '../support/find-secrets.js';
import { LiveClient } from '../support/live.js';
import { runProgram, startProcess } from '../support/processes.js';
import { startReceiver } from '../support/receiver.js';
import { testEnvironment, writeCa } from '../support/service.js';

jest.setTimeout(120_000);

/** The API of a client that keeps what it was answered. */
class RecordedApi extends ApiClient {
  static readonly answers: string[] = [];

  override async post(body: string | ReadableStream, headers?: Record<string, string>): Promise<Response> {
    const response = await super.post(body, headers);
    // These show a signing secret: it is what they are for.
    const isShowing = /\b(create|update)Endpoint|rotateSigningSecret|revealSigningSecret/.test(String(body));
    if (!isShowing || !response.ok) RecordedApi.answers.push(await response.clone().text());
    return response;
  }
}

const token = (name: string) => `${name}-${randomBytes(24).toString('base64')}`;
const secretKeys = { old: randomBytes(32), new: randomBytes(32) };
const keyText = (id: 'old' | 'new') => `${id}:${secretKeys[id].toString('base64')}`;
const bootstrapKey = token('key');
const wrongKey = token('wrong');
const headerValues = { first: token('first'), edited: token('edited'), misplaced: token('misplaced') };
const shownValue = token('shown');

const secrets: KnownSecret[] = [
  ...Object.entries(secretKeys).map(([id, value]) => ({ name: `the key ${id} of SECRET_KEYS`, value })),
  ...Object.entries(headerValues).map(([name, value]) => ({ name: `the ${name} header value`, value })),
  { name: 'the configured API key', value: bootstrapKey },
  { name: 'the wrong API key', value: wrongKey },
];

let database: TestDatabase;
/** Everything that any process wrote to its log, or answered. */
let log = '';
let metrics = '';
let dump = '';

async function doEverything(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  database = await createDatabase();
  const receiver = opened.adopt(await startReceiver(), (one) => one.close());
  const plain = opened.adopt(await startReceiver({ tls: false }), (one) => one.close());
  const caFile = opened.adopt(await writeCa(receiver.ca), (file) => rm(file));
  const env: Record<string, string> = {
    ...testEnvironment(database.url),
    WEBHOOK_CA_FILE: caFile,
    SECRET_KEYS: keyText('old'),
    LOG_LEVEL: 'trace',
    RETRY_SCHEDULE: '50ms',
    ATTEMPT_TIMEOUT: '500ms',
    METRICS_PORT: '0',
  };
  delete env.BOOTSTRAP_API_KEY;
  receiver.answer(({ path }) => {
    if (path.endsWith('/failing')) return { status: 500, body: 'no' };
    if (path.endsWith('/moved')) return { status: 302, headers: { location: 'https://example.com/' } };
    return path.endsWith('/silent') ? undefined : { status: 200 };
  });
  const remember = (name: string, signingSecret: string | null | undefined) => {
    const bytes = Buffer.from(signingSecret!.slice('whsec_'.length), 'base64');
    secrets.push({ name, value: signingSecret! }, { name: `${name}, its bytes`, value: bytes });
  };

  // The first start of all makes an API key and prints it.
  const first = opened.use(await startProcess({ env }));
  const api = new RecordedApi(first.url, first.apiKey);
  secrets.push({ name: 'the first API key', value: first.apiKey! });
  const headers = [
    { name: 'X-Token', value: headerValues.first, secret: true },
    { name: 'X-Shown', value: shownValue },
  ];
  for (const path of ['', '/failing', '/moved', '/silent']) {
    const endpoint = await api.createEndpoint({ url: receiver.url + path, allEvents: true, headers });
    remember(`the secret of ${path}`, endpoint.signingSecret);
    const { signingSecret } = await api.rotateSigningSecret({ id: endpoint.id });
    remember(`the new secret of ${path}`, signingSecret);
    expect((await api.revealSigningSecret(endpoint.id)).signingSecret).toBe(signingSecret);
    await api.updateEndpoint({
      id: endpoint.id,
      headers: [{ name: 'X-Token', value: headerValues.edited, secret: true }, headers[1]],
    });
    await api.sendTestEvent({ endpointId: endpoint.id, type: 'invoice.paid' });
  }
  const unreachable = await api.createEndpoint({ url: plain.url.replace('http:', 'https:'), allEvents: true, headers });
  remember('the secret of nobody', unreachable.signingSecret);
  const event = await api.publishEvent('invoice.paid');
  await eventually('all attempts made', async () => {
    const deliveries = await api.deliveries({ eventId: event.id });
    return deliveries.length === 5 && deliveries.every(({ completedAt }) => completedAt !== null);
  });
  await api.endpoint(unreachable.id);
  await api.page('endpoints', {}, 'id headers { name value secret } signingSecretHint');
  await misuse(api);
  await breakTheDatabase(api, unreachable.id);
  metrics = await scrape(first.stdout);
  log += (await first.stop()).stderr;

  const bothKeys = `${keyText('new')},${keyText('old')}`;
  const rotation = await runProgram(['keys', 'rotate-encryption'], { env: { ...env, SECRET_KEYS: bothKeys } });
  expect(rotation.stdout).toMatch(
    /^14 secrets of 5 endpoints encrypted anew with the key "new".\n1 API key would be unknown/,
  );
  log += rotation.stdout + rotation.stderr;
  // One that cannot read its secrets, and so cannot deliver.
  const locked = opened.use(
    await startProcess({ env: { ...env, SECRET_KEYS: keyText('old'), BOOTSTRAP_API_KEY: bootstrapKey } }),
  );
  const lockedApi = new RecordedApi(locked.url, bootstrapKey);
  expect((await lockedApi.send(REVEAL, { id: unreachable.id })).errors).toHaveLength(1);
  await lockedApi.publishEvent('invoice.paid');
  await using live = await LiveClient.connect(lockedApi);
  expect(live.connections).toBe(1);
  log += await locked.stop().then(({ stdout, stderr }) => stdout + stderr);
  dump = await dumpOf(database);
}

const REVEAL = 'mutation ($id: ID!) { revealSigningSecret(id: $id) { signingSecret } }';
const CREATE = 'mutation ($input: CreateEndpointInput!) { createEndpoint(input: $input) { endpoint { id } } }';

/** Sends secrets where they do not belong, as people do. */
async function misuse(api: ApiClient): Promise<void> {
  const { misplaced: value } = headerValues;
  const url = 'https://example.com/';
  for (const header of [
    { value, secret: true },
    { name: 'X-Token', value, secret: value },
    { name: 'X-Token', value: [value], secret: true },
    { name: 'X-Token', value: { value }, secret: true },
    { name: 'X-Token', value: `${value}\r\n`, secret: true },
    { name: 'X-Token', value: value.repeat(500), secret: true },
    { name: 'Host', value, secret: true },
    { name: 'X-Token', value, secret: true, more: value },
    value,
  ]) {
    const input = { url, allEvents: true, headers: [header] };
    const { data, errors } = await api.send<{ createEndpoint: { endpoint: unknown } }>(CREATE, { input });
    expect(errors ?? data?.createEndpoint.endpoint).not.toBe(undefined);
    const literal = JSON.stringify(input).replace(/"(\w+)":/g, '$1:');
    await api.post(JSON.stringify({ query: `mutation { createEndpoint(input: ${literal}) { endpoint { id } } }` }));
  }
  await api.post(`{"query": "{ viewer { accountId } }", "${value}`);
  await api.post(JSON.stringify({ query: `{ viewer { accountId } } """${value}"""` }));
  await api.post(JSON.stringify({ query: '{ viewer { accountId } }', operationName: { value } }));
  for (const key of [wrongKey, bootstrapKey]) {
    for (const authorization of [key, `Bearer ${key}`, `Basic ${Buffer.from(`me:${key}`).toString('base64')}`]) {
      await api.as(null).post('{}', { authorization });
    }
    await LiveClient.connect(api.as(key)).then(
      (live) => live[Symbol.asyncDispose](),
      () => {},
    );
    const query = new URLSearchParams({ query: '{ viewer { accountId } }', apiKey: key });
    RecordedApi.answers.push(await fetch(`${api.url}/graphql?${query}`).then((response) => response.text()));
  }
}

/** Makes statements fail whose parameters are secret or nearly so: errors of a database quote rows and parameters. */
async function breakTheDatabase(api: ApiClient, id: string): Promise<void> {
  await database.query("alter table webhooks.endpoints add constraint nothing_new check (description <> 'refused')");
  const headers = [{ name: 'X-Token', value: headerValues.edited, secret: true }];
  const input = { url: 'https://example.com/', allEvents: true, description: 'refused', headers };
  expect((await api.send(CREATE, { input })).errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  await database.query('alter table webhooks.endpoints drop constraint nothing_new');
  await database.query('alter table webhooks.endpoints rename column encrypted_signing_secret to gone');
  expect((await api.send(REVEAL, { id })).errors).toHaveLength(1);
  await database.query('alter table webhooks.endpoints rename column gone to encrypted_signing_secret');
  await database.query('alter table webhooks.api_keys rename to gone');
  await api.as(wrongKey).send('{ viewer { accountId } }');
  await database.query('alter table webhooks.gone rename to api_keys');
}

async function scrape(stdout: string): Promise<string> {
  const [url] = /http:\/\/\S+\/metrics/.exec(stdout) ?? [];
  return url ? (await fetch(url)).text() : '';
}

/** Every row of every table that is not PostgreSQL's own. */
async function dumpOf({ query }: TestDatabase): Promise<string> {
  const tables = await query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => query<{ row: string }>(`select t::text as row from ${name} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('after all that can be done with secrets', () => {
  beforeAll(doEverything);
  afterAll(() => database?.drop());

  it('a dump of the database gives none of them away', () => {
    expect(dump.length).toBeGreaterThan(10_000);
    expect(findSecrets(dump, secrets)).toEqual([]);
  });

  it('neither does the log, at its most talkative', () => {
    expect(log).toMatch(/"level":"(trace|debug)"|attempt settled/);
    expect(log).toMatch(/request failed/);
    expect(findSecrets(log, secrets)).toEqual([]);
  });

  it('neither does any answer but those that are for showing them, refusals and errors included', () => {
    expect(RecordedApi.answers.length).toBeGreaterThan(30);
    expect(findSecrets(RecordedApi.answers.join('\n'), secrets)).toEqual([]);
  });

  it('neither do the metrics', () => {
    expect(metrics).toContain('# TYPE');
    expect(findSecrets(metrics, secrets)).toEqual([]);
  });

  it('only header values that nobody called secret can be read in the log of attempts', () => {
    expect(dump).toContain(shownValue);
  });
});

describe('the search', () => {
  const [secret] = [{ name: 'it', value: randomBytes(32).toString('base64') }];
  it.each([
    ['as it is', secret.value],
    ['among others', `a${secret.value}b`],
    ['cut short', secret.value.slice(8, 36)],
    ['in hex', Buffer.from(secret.value).toString('hex')],
    ['in capital hex', Buffer.from(secret.value).toString('hex').toUpperCase()],
    ['in base64', Buffer.from(`Basic x:${secret.value}`).toString('base64')],
    ['in base64 one further', Buffer.from(`Basic xx:${secret.value}`).toString('base64')],
    ['in base64 two further', Buffer.from(`Basic xxx:${secret.value}`).toString('base64url')],
    ['in a URL', encodeURIComponent(secret.value)],
  ])('finds a secret %s', (_what, text) => {
    expect(findSecrets(`something ${text} something`, [secret])).not.toEqual([]);
  });

  it('does not find what is made of it', () => {
    expect(findSecrets(createHmac('sha256', secret.value).update('x').digest('base64'), [secret])).toEqual([]);
  });
});
