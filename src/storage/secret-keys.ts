import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A key that encrypts signing secrets where they are stored. */
export interface SecretKey {
  /** Its name in every record that it encrypted: letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 bytes, for AES-256. */
  readonly key: Buffer;
}

const FILE_NAME = 'secret-keys';

const KEY_BYTES = 32;

/**
 * The keys kept in `dataDir`, the first of which encrypts. The first start makes one; processes that start there
 * together all get the same.
 *
 * @throws when the file cannot be read, written or understood; the message never quotes it.
 */
export async function loadOrCreateSecretKeys(dataDir: string): Promise<SecretKey[]> {
  const file = join(dataDir, FILE_NAME);
  return parseFile(file, (await readIfThere(file)) ?? (await create(dataDir, file)));
}

/**
 * The same, without making one: null where no service has started yet.
 *
 * @throws as {@link loadOrCreateSecretKeys} does.
 */
export async function loadSecretKeys(dataDir: string): Promise<SecretKey[] | null> {
  const file = join(dataDir, FILE_NAME);
  const text = await readIfThere(file);
  return text === undefined ? null : parseFile(file, text);
}

function parseFile(file: string, text: string): SecretKey[] {
  try {
    return parseSecretKeys(text);
  } catch (error) {
    throw new Error(
      `${file} is damaged: ${(error as Error).message}. Restore it from a backup: without its keys, the signing secrets stored so far cannot be read.`,
    );
  }
}

/**
 * Reads `id:base64key,…`, each key 32 bytes.
 *
 * @throws an Error that says which entry is wrong, by its number, and quotes none.
 */
export function parseSecretKeys(text: string): SecretKey[] {
  const keys = text
    .trim()
    .split(',')
    .map((entry, index) => parseSecretKey(entry.trim(), index + 1));
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two keys have the same id');
  return keys;
}

/** The opposite of {@link parseSecretKeys}. */
export function formatSecretKeys(keys: readonly SecretKey[]): string {
  return keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');
}

/** A new random key. Its id is random too, so that a record of a lost key is never taken for one of the next. */
export function generateSecretKey(): SecretKey {
  return { id: randomBytes(4).toString('hex'), key: randomBytes(KEY_BYTES) };
}

function parseSecretKey(entry: string, number: number): SecretKey {
  const [, id, base64] = /^([\w-]{1,64}):([A-Za-z0-9+/]+={0,2})$/.exec(entry) ?? [];
  if (id === undefined || base64 === undefined) throw new Error(`entry ${number} is not of the form id:base64key`);
  const key = Buffer.from(base64, 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`the key of entry ${number} has ${key.length} bytes instead of 32`);
  return { id, key };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes a first key, unless another process was quicker; gives the text that is there in the end. */
async function create(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(`${formatSecretKeys([generateSecretKey()])}\n`);
    await handle.sync();
    // A link, unlike a rename, fails when the name is taken: the first key is never replaced by a second.
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
