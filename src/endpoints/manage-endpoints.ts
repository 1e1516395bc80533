import type { Catalog } from '../events/catalog.js';
import type { CatalogCopy } from '../events/catalog-copy.js';
import type { Log } from '../log.js';
import { Refusal, refuse, type UserError, UserErrorCode } from '../refusal.js';
import { recordChange } from '../storage/changes.js';
import type { Clock } from '../storage/clock.js';
import type { Database } from '../storage/database.js';
import type { Doorbell } from '../storage/doorbell.js';
import { newId } from '../storage/ids.js';
import { idFields } from '../storage/log-fields.js';
import { HOUR_MS } from '../units.js';
import { findEndpoint, writeEndpoint } from './change-endpoint.js';
import { SignatureFormat, WebhookEndpoint } from './endpoint.js';
import { checkEndpointInput, type EndpointInput, type EndpointRules } from './endpoint-input.js';
import type { SecretCipher, SecretOwner } from './secret-cipher.js';
import { generateSigningSecret, hintOf } from './signing-secret.js';
import { checkEndpointUrl, type UrlPolicy } from './url-policy.js';

const MAX_OVERLAP_HOURS = 168;

export interface EndpointManagerOptions {
  database: Database;
  doorbell: Doorbell;
  cipher: SecretCipher;
  catalog: CatalogCopy;
  urlPolicy: UrlPolicy;
  /** The name of the service's own signature header, which endpoints cannot set. */
  signatureHeader: string;
  clock: Clock;
  log: Log;
}

/** An endpoint and its signing secret in clear, which is shown this once. */
export interface EndpointWithSecret {
  endpoint: WebhookEndpoint;
  signingSecret: string;
}

/** What people do with endpoints. An id of another account is an unknown one. */
export class EndpointManager {
  readonly #options: EndpointManagerOptions;

  constructor(options: EndpointManagerOptions) {
    this.#options = options;
  }

  /** What `create` would have against a URL; null when it may be registered. */
  checkUrl(url: string): UserError | null {
    const verdict = checkEndpointUrl(url, this.#options.urlPolicy);
    if ('url' in verdict) return null;
    return { field: ['url'], code: UserErrorCode[verdict.code], message: verdict.message };
  }

  async create(accountId: string, input: EndpointInput): Promise<EndpointWithSecret | Refusal> {
    const { database, doorbell, clock } = this.#options;
    const now = new Date(clock.now());
    const id = newId(now.getTime());
    const catalog = await this.#catalogFor(input);
    const rules = this.#rulesFor({ accountId, id, headers: [] }, catalog);
    const columns = checkEndpointInput({ eventTypes: [], ...input, url: input.url ?? null }, rules);
    if (columns instanceof Refusal) return columns;
    const signingSecret = generateSigningSecret();
    const endpoint = Object.assign(new WebhookEndpoint(), {
      accountId,
      id,
      description: null,
      signatureFormat: SignatureFormat.SHA256,
      headers: [],
      rateLimitPerSecond: null,
      retryScheduleSeconds: null,
      ...columns,
      encryptedPreviousSigningSecret: null,
      previousSecretExpiresAt: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
      disabledAt: null,
      disabledReason: null,
      deletedAt: null,
    });
    this.#setSecret(endpoint, signingSecret);
    await database.transaction(async (tx) => {
      await tx.manager.insert(WebhookEndpoint, endpoint);
      await recordChange(tx, accountId, 'endpoint', endpoint.id);
    });
    doorbell.ring('changed');
    this.#tell(endpoint, 'endpoint created');
    return { endpoint, signingSecret };
  }

  /** Changes what is said. With a `version`, only if nobody else changed the endpoint since it was read. */
  async update(
    accountId: string,
    id: string | null,
    { version, ...input }: EndpointInput & { version?: number | null },
  ): Promise<WebhookEndpoint | Refusal> {
    if (version === null) {
      const message = 'Give the version that you read, or leave the field out.';
      return refuse(UserErrorCode.INVALID, message, ['input', 'version']);
    }
    const catalog = await this.#catalogFor(input);
    return this.#change(accountId, id, { field: ['input', 'id'], did: 'endpoint changed' }, (endpoint) => {
      if (version !== undefined && version !== endpoint.version) {
        const message = `The endpoint is at version ${endpoint.version} by now. Read it again, then send your change with that version.`;
        return refuse(UserErrorCode.STALE_VERSION, message, ['input', 'version']);
      }
      // Some events and not all, as it is already: the types that it has stay.
      const isSaidAgain = input.allEvents === false && !endpoint.allEvents;
      const columns = checkEndpointInput(
        isSaidAgain ? { ...input, allEvents: undefined } : input,
        this.#rulesFor(endpoint, catalog),
      );
      if (columns instanceof Refusal) return columns;
      Object.assign(endpoint, columns);
      return null;
    });
  }

  /** From here on nobody sees the endpoint or its deliveries. What is left of them is removed in the background. */
  async delete(accountId: string, id: string | null): Promise<WebhookEndpoint | Refusal> {
    const now = new Date(this.#options.clock.now());
    return this.#change(accountId, id, { field: ['id'], did: 'endpoint deleted' }, (endpoint) => {
      endpoint.deletedAt = now;
      return null;
    });
  }

  /** Gives the endpoint a new secret. The old one goes on signing beside it for `overlapHours`. */
  async rotateSecret(
    accountId: string,
    id: string | null,
    overlapHours: number,
  ): Promise<EndpointWithSecret | Refusal> {
    if (overlapHours < 0 || overlapHours > MAX_OVERLAP_HOURS) {
      const message = `Let the secrets overlap for 0 to ${MAX_OVERLAP_HOURS} hours.`;
      return refuse(UserErrorCode.INVALID, message, ['input', 'overlapHours']);
    }
    const signingSecret = generateSigningSecret();
    const field = ['input', 'id'];
    const endpoint = await this.#change(accountId, id, { field, did: 'signing secret rotated' }, (endpoint) => {
      const overlaps = overlapHours > 0;
      const expiresAt = new Date(this.#options.clock.now() + overlapHours * HOUR_MS);
      endpoint.encryptedPreviousSigningSecret = overlaps ? endpoint.encryptedSigningSecret : null;
      endpoint.previousSecretExpiresAt = overlaps ? expiresAt : null;
      this.#setSecret(endpoint, signingSecret);
      return null;
    });
    return endpoint instanceof Refusal ? endpoint : { endpoint, signingSecret };
  }

  async revealSecret(accountId: string, id: string | null): Promise<EndpointWithSecret | Refusal> {
    const { database, cipher } = this.#options;
    const endpoint = await findEndpoint(database, { accountId, id, field: ['id'] });
    if (endpoint instanceof Refusal) return endpoint;
    const signingSecret = cipher.decrypt(endpoint.encryptedSigningSecret, ownerOf(endpoint, 'signing-secret'));
    this.#tell(endpoint, 'signing secret revealed');
    return { endpoint, signingSecret };
  }

  /** The catalog, with what the input is about. */
  #catalogFor({ eventTypes }: EndpointInput): Promise<Catalog> {
    return this.#options.catalog.including(eventTypes ?? []);
  }

  /** What may be said about an endpoint, new or as it is. */
  #rulesFor(endpoint: Pick<WebhookEndpoint, 'accountId' | 'id' | 'headers'>, catalog: Catalog): EndpointRules {
    const { cipher, urlPolicy, signatureHeader } = this.#options;
    const encrypt = (value: string) => cipher.encrypt(value, ownerOf(endpoint, 'headers'));
    return { urlPolicy, catalog, headers: { signatureHeader, stored: endpoint.headers, encrypt } };
  }

  #setSecret(endpoint: WebhookEndpoint, signingSecret: string): void {
    endpoint.encryptedSigningSecret = this.#options.cipher.encrypt(signingSecret, ownerOf(endpoint, 'signing-secret'));
    endpoint.signingSecretHint = hintOf(signingSecret);
  }

  #tell({ accountId, id, version }: WebhookEndpoint, did: string): void {
    this.#options.log.info({ ...idFields({ accountId, endpointId: id }), version }, did);
  }

  /** Changes an endpoint under a lock, as a new version; `change` answers a refusal to leave it as it is. */
  async #change(
    accountId: string,
    id: string | null,
    { field, did }: { field: string[]; did: string },
    change: (endpoint: WebhookEndpoint) => Refusal | null,
  ): Promise<WebhookEndpoint | Refusal> {
    const { database, doorbell, clock } = this.#options;
    const result = await database.transaction(async (tx) => {
      const endpoint = await findEndpoint(tx, { accountId, id, field }, { lock: true });
      if (endpoint instanceof Refusal) return endpoint;
      const refusal = change(endpoint);
      if (refusal) return refusal;
      await writeEndpoint(tx, endpoint, new Date(clock.now()));
      return endpoint;
    });
    doorbell.ring('changed');
    if (!(result instanceof Refusal)) this.#tell(result, did);
    return result;
  }
}

function ownerOf(
  { accountId, id }: Pick<WebhookEndpoint, 'accountId' | 'id'>,
  purpose: SecretOwner['purpose'],
): SecretOwner {
  return { accountId, endpointId: id, purpose };
}
