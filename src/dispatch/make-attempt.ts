import { type MessageHeader, SECRET_MASK, withSecretsMasked } from '../endpoints/http-header.js';
import type { SecretCipher } from '../endpoints/secret-cipher.js';
import { clearHeaders } from '../endpoints/stored-headers.js';
import type { Clock } from '../storage/clock.js';
import { newId, toTypeId } from '../storage/ids.js';
import type { FinishedAttempt } from './advance.js';
import type { LoadedAttempt } from './load.js';
import type { Outcome } from './outcome.js';
import type { Poster } from './post.js';
import { requestHeaders } from './sign.js';

/** Signs and sends one request. What the receiver does is in the result; it rejects only for faults of our own. */
export type AttemptMaker = (loaded: LoadedAttempt) => Promise<FinishedAttempt>;

export interface AttemptMakerOptions {
  poster: Poster;
  cipher: SecretCipher;
  clock: Clock;
  signatureHeader: string;
  userAgent: string;
}

export function createAttemptMaker({
  poster,
  cipher,
  clock,
  signatureHeader,
  userAgent,
}: AttemptMakerOptions): AttemptMaker {
  return async (loaded) => {
    const { accountId, endpointId, deliveryId } = loaded.job;
    const { encryptedPreviousSigningSecret: previous, previousSecretExpiresAt: expiresAt } = loaded;
    const owner = { accountId, endpointId, purpose: 'signing-secret' } as const;
    const headerOwner = { accountId, endpointId, purpose: 'headers' } as const;
    const startedAt = new Date(clock.now());
    const isRotating = previous !== null && expiresAt !== null && expiresAt > startedAt;
    const headers = requestHeaders({
      body: loaded.body,
      eventId: toTypeId('evt', loaded.eventId),
      eventType: loaded.eventType,
      deliveryId: toTypeId('dlv', deliveryId),
      attemptNumber: loaded.attemptCount + 1,
      signingSecret: cipher.decrypt(loaded.encryptedSigningSecret, owner),
      previousSigningSecret: isRotating ? cipher.decrypt(previous, owner) : undefined,
      signatureFormat: loaded.signatureFormat,
      signatureHeader,
      userAgent,
      extraHeaders: clearHeaders(loaded.headers, (record) => cipher.decrypt(record, headerOwner)),
      now: startedAt,
    });
    const answered = await poster.post({ url: loaded.url, headers, body: loaded.body });
    const outcome = withoutEcho(answered, headers);
    const masked = withSecretsMasked(headers);
    return { id: newId(startedAt.getTime()), loaded, requestHeaders: masked, startedAt, outcome };
  };
}

/** Shorter values are words that an answer may well contain. */
const LEAST_ECHO_LENGTH = 6;

/** The outcome without the values of secret headers: some receivers answer with what they were sent. */
function withoutEcho(outcome: Outcome, sent: readonly MessageHeader[]): Outcome {
  // Of `Bearer abc…` the second word is the secret.
  const secrets = sent
    .flatMap(({ secret, value }) => (secret ? [value, ...value.split(' ')] : []))
    .filter((value) => value.length >= LEAST_ECHO_LENGTH && !/^(bearer|digest)$/i.test(value));
  if (outcome.kind !== 'response' || secrets.length === 0) return outcome;
  const clean = (text: string) => secrets.reduce((rest, value) => rest.replaceAll(value, SECRET_MASK), text);
  const headers = outcome.headers.map(({ name, value }) => ({ name, value: clean(value) }));
  return { ...outcome, headers, body: clean(outcome.body) };
}
