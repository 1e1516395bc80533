import 'reflect-metadata';
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { StoredHeader } from '../../src/endpoints/endpoint.js';
import { rotateEncryption } from '../../src/endpoints/rotate-encryption.js';
import { SecretCipher } from '../../src/endpoints/secret-cipher.js';
import { Database } from '../../src/storage/database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const OLD = { id: 'old_1', key: Buffer.alloc(32, 1) };
// To LIKE, `_` would be any letter.
const NEW = { id: 'old-1', key: Buffer.alloc(32, 2) };
const LOST = { id: 'lost', key: Buffer.alloc(32, 3) };

const before = new SecretCipher([OLD]);
const both = new SecretCipher([NEW, OLD]);
const onlyNew = new SecretCipher([NEW]);

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createDatabase();
  database = await Database.open({ url: testDatabase.url, name: 'test' });
});

afterAll(async () => {
  await database?.close();
  await testDatabase?.drop();
});

beforeEach(() => testDatabase.query('truncate webhooks.endpoints'));

interface Row {
  account_id: string;
  id: string;
  encrypted_signing_secret: string;
  encrypted_previous_signing_secret: string | null;
  headers: StoredHeader[];
}

const signingSecretOf = (id: string) => `whsec_${createHash('sha256').update(id).digest('base64')}`;
const previousSecretOf = (id: string) => signingSecretOf(`${id} before`);
const tokenOf = (id: string) => `token of ${id}`;

/** Writes an endpoint as a service with this cipher would, and answers its id. */
async function insert(cipher: SecretCipher, { isRotating = false, accountId = 'default' } = {}): Promise<string> {
  const id = randomUUID();
  const owner = { accountId, endpointId: id, purpose: 'signing-secret' } as const;
  const headers: StoredHeader[] = [
    { name: 'X-Shown', value: 'v1.old_1.' },
    { name: 'X-Token', encryptedValue: cipher.encrypt(tokenOf(id), { ...owner, purpose: 'headers' }) },
  ];
  await testDatabase.query(
    `insert into webhooks.endpoints (account_id, id, url, all_events, event_types, encrypted_signing_secret,
       encrypted_previous_signing_secret, previous_secret_expires_at, signing_secret_hint, signature_format, headers,
       version, created_at, updated_at)
     values ($1, $2, 'https://example.com/', true, '{}', $3, $4, $5, 'hint', 'SHA256', $6, 7, now(), now())`,
    [
      accountId,
      id,
      cipher.encrypt(signingSecretOf(id), owner),
      isRotating ? cipher.encrypt(previousSecretOf(id), owner) : null,
      isRotating ? new Date() : null,
      JSON.stringify(headers),
    ],
  );
  return id;
}

const rows = () => testDatabase.query<Row>('select * from webhooks.endpoints order by account_id, id');
const withoutRecords = (all: Row[]) =>
  JSON.parse(JSON.stringify(all, (name, value) => (name.startsWith('encrypted') ? value !== null : value)));

/** Asserts that somebody who has these keys only can read all of it, and that it is what it was. */
function expectReadable({ account_id: accountId, id, ...row }: Row, cipher: SecretCipher): void {
  const owner = { accountId, endpointId: id, purpose: 'signing-secret' } as const;
  expect(cipher.decrypt(row.encrypted_signing_secret, owner)).toBe(signingSecretOf(id));
  const previous = row.encrypted_previous_signing_secret;
  if (previous !== null) expect(cipher.decrypt(previous, owner)).toBe(previousSecretOf(id));
  const token = row.headers[1] as { encryptedValue: string };
  expect(cipher.decrypt(token.encryptedValue, { ...owner, purpose: 'headers' })).toBe(tokenOf(id));
}

/** The database, with something that happens before each statement that matches. */
function interrupted(pattern: RegExp, interrupt: () => Promise<unknown>): Database {
  return {
    query: async (statement: string, values: unknown[]) => {
      if (pattern.test(statement)) await interrupt();
      return database.query(statement, values);
    },
  } as unknown as Database;
}

it('encrypts with the first key whatever another key encrypted, batch after batch, and changes nothing else', async () => {
  for (let index = 0; index < 450; index++) {
    await insert(index % 10 === 0 ? onlyNew : before, {
      isRotating: index % 3 === 0,
      accountId: index < 225 ? 'default' : 'other',
    });
  }
  const [stored, untouched] = [await rows(), await rows().then((all) => all.filter(isOfNewKey))];

  const rotation = await rotateEncryption(database, both);

  expect(rotation).toEqual({ secretCount: 405 * 2 + 135, endpointCount: 405, unreadable: [], staleCount: 0 });
  const after = await rows();
  for (const row of after) expectReadable(row, onlyNew);
  expect(withoutRecords(after)).toEqual(withoutRecords(stored));
  expect(after).toEqual(expect.arrayContaining(untouched));
  expect(await rotateEncryption(database, onlyNew)).toMatchObject({ secretCount: 0, unreadable: [], staleCount: 0 });
});

function isOfNewKey({ encrypted_signing_secret: record }: Row): boolean {
  return record.startsWith(onlyNew.currentPrefix);
}

it.each([
  [
    'a rotation of the signing secret',
    (id: string) =>
      testDatabase.query(
        `update webhooks.endpoints set encrypted_previous_signing_secret = encrypted_signing_secret,
           encrypted_signing_secret = $2, previous_secret_expires_at = now() where id = $1`,
        [id, both.encrypt('changed', { accountId: 'default', endpointId: id, purpose: 'signing-secret' })],
      ),
  ],
  [
    'the end of an overlap',
    (id: string) =>
      testDatabase.query(
        `update webhooks.endpoints set encrypted_previous_signing_secret = null, previous_secret_expires_at = null
          where id = $1`,
        [id],
      ),
  ],
  [
    'an edit of the headers',
    (id: string) =>
      testDatabase.query(`update webhooks.endpoints set headers = '[{"name":"X-New","value":"1"}]' where id = $1`, [
        id,
      ]),
  ],
  ['its deletion', (id: string) => testDatabase.query('delete from webhooks.endpoints where id = $1', [id])],
])('never overwrites %s beside it, and rotates what came of that', async (_what, change) => {
  const id = await insert(before, { isRotating: true });
  let changed: unknown[] = [];
  let changes = 0;
  const meanwhile = interrupted(/^update/, async () => {
    if (changes++ > 0) return;
    await change(id);
    changed = withoutRecords(await rows());
  });

  expect(await rotateEncryption(meanwhile, both)).toMatchObject({ unreadable: [], staleCount: 0 });

  const after = await rows();
  expect(withoutRecords(after)).toEqual(changed);
  expect(changes).toBeGreaterThan(0);
  expect(JSON.stringify(after.map(({ headers, ...row }) => ({ ...row, headers: headers.slice(1) })))).not.toContain(
    'v1.old_1.',
  );
});

it('passes over what it cannot read, leaves it as it is, and rotates all the rest', async () => {
  const [good, damaged, foreign] = [await insert(before), await insert(before), await insert(new SecretCipher([LOST]))];
  await testDatabase.query(
    `update webhooks.endpoints set headers = replace(headers::text, 'encryptedValue":"v1.old_1.', 'encryptedValue":"v1.old_1.AAAA')::json
      where id = $1`,
    [damaged],
  );
  const stored = new Map((await rows()).map((row) => [row.id, row]));

  const { unreadable, ...counts } = await rotateEncryption(database, both);

  expect(counts).toEqual({ secretCount: 3, endpointCount: 2, staleCount: 0 });
  const expected = [
    { endpointId: damaged, what: 'the header "X-Token"', reason: expect.stringContaining('damaged') },
    { endpointId: foreign, what: 'the header "X-Token"', reason: expect.stringContaining('"lost"') },
    { endpointId: foreign, what: 'the signing secret', reason: expect.stringContaining('"lost"') },
  ].map((one) => ({ accountId: 'default', ...one }));
  expect(unreadable).toHaveLength(expected.length);
  expect(unreadable).toEqual(expect.arrayContaining(expected));
  const after = new Map((await rows()).map((row) => [row.id, row]));
  expectReadable(after.get(good)!, onlyNew);
  expect(after.get(foreign)).toEqual(stored.get(foreign));
  expect(after.get(damaged)!.headers).toEqual(stored.get(damaged)!.headers);
});

it('ends, and says so, when a process goes on writing with another key', async () => {
  await insert(before);
  const meanwhile = interrupted(/count\(/, () => insert(before));

  expect(await rotateEncryption(meanwhile, both)).toEqual({
    secretCount: 10,
    endpointCount: 5,
    unreadable: [],
    staleCount: 1,
  });
});
