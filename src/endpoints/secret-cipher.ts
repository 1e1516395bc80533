import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from '../storage/secret-keys.js';

/** Whose secret it is, and what for. It is sealed into the record, which says something to no one else. */
export interface SecretOwner {
  readonly accountId: string;
  readonly endpointId: string;
  readonly purpose: 'signing-secret' | 'headers';
}

const ALGORITHM = 'aes-256-gcm';

const NONCE_BYTES = 12;

const TAG_BYTES = 16;

/** How many secrets are kept in the clear, so that an attempt need not decrypt what the one before it did. */
const REMEMBERED_COUNT = 5_000;

/**
 * Encrypts secrets for storage, with AES-256-GCM. A record is `v1.<key id>.<base64url of nonce, ciphertext, tag>`; the
 * first key encrypts, every key decrypts, so a key is replaced by putting a new one in front of it.
 */
export class SecretCipher {
  readonly #current: SecretKey;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #remembered = new Map<string, { seal: string; secret: string }>();

  /** @param keys at least one, each of 32 bytes */
  constructor(keys: readonly SecretKey[]) {
    if (keys[0] === undefined) throw new Error('Encrypting secrets takes at least one key.');
    this.#current = keys[0];
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** What every record begins with that the first key has encrypted. */
  get currentPrefix(): string {
    return `v1.${this.#current.id}.`;
  }

  encrypt(secret: string, owner: SecretOwner): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#current.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(sealOf(owner)));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return this.currentPrefix + sealed.toString('base64url');
  }

  /** @throws when the record is damaged, belongs to another owner, or its key is not among the keys. */
  decrypt(record: string, owner: SecretOwner): string {
    const seal = sealOf(owner);
    const remembered = this.#remembered.get(record);
    if (remembered?.seal === seal) return remembered.secret;
    const secret = this.#open(record, seal);
    this.#remember(record, seal, secret);
    return secret;
  }

  #open(record: string, seal: string): string {
    const [, keyId, text] = /^v1\.([\w-]+)\.([\w-]+)$/.exec(record) ?? [];
    if (keyId === undefined || text === undefined) throw new Error('A stored secret is not of a form that is known.');
    const key = this.#keys.get(keyId);
    if (key === undefined)
      throw new Error(`A stored secret needs the key "${keyId}", which is missing in SECRET_KEYS.`);
    const bytes = Buffer.from(text, 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(seal));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new Error(
        `A stored secret cannot be decrypted with the key "${keyId}": the record is damaged or another endpoint's, or the key is not the one that wrote it.`,
      );
    }
  }

  #remember(record: string, seal: string, secret: string): void {
    const oldest = this.#remembered.size < REMEMBERED_COUNT ? undefined : this.#remembered.keys().next().value;
    if (oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(record, { seal, secret });
  }
}

/** The associated data. JSON, because it keeps neighbours apart whatever they contain. */
function sealOf({ accountId, endpointId, purpose }: SecretOwner): string {
  return JSON.stringify([accountId, endpointId, purpose]);
}
