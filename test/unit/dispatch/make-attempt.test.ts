import { expect, it } from '@jest/globals';
import { AttemptTrigger } from '../../../src/deliveries/attempt.js';
import type { LoadedAttempt } from '../../../src/dispatch/load.js';
import { createAttemptMaker } from '../../../src/dispatch/make-attempt.js';
import type { PostRequest } from '../../../src/dispatch/post.js';
import { SignatureFormat } from '../../../src/endpoints/endpoint.js';
import { SecretCipher } from '../../../src/endpoints/secret-cipher.js';
import { newId } from '../../../src/storage/ids.js';

const cipher = new SecretCipher([{ id: 'test', key: Buffer.alloc(32, 7) }]);
const job = { id: newId(), accountId: 'default', deliveryId: newId(), endpointId: newId(), retryCount: 0 };
const owner = { accountId: job.accountId, endpointId: job.endpointId };

const LOADED: LoadedAttempt = {
  job,
  trigger: AttemptTrigger.SCHEDULED,
  attemptCount: 0,
  eventId: newId(),
  traceParent: null,
  eventType: 'invoice.paid',
  body: '{}',
  url: 'https://example.com/',
  encryptedSigningSecret: cipher.encrypt(`whsec_${Buffer.alloc(32, 9).toString('base64')}`, {
    ...owner,
    purpose: 'signing-secret',
  }),
  encryptedPreviousSigningSecret: null,
  previousSecretExpiresAt: null,
  signatureFormat: SignatureFormat.TIMESTAMPED,
  headers: [
    { name: 'X-Tenant', value: '42' },
    { name: 'Authorization', encryptedValue: cipher.encrypt('Bearer hush', { ...owner, purpose: 'headers' }) },
  ],
  rateLimitPerSecond: null,
  retryScheduleSeconds: null,
  endpointVersion: 1,
};

/** Makes attempts whose requests are noted instead of sent. */
function setUpMaker(signatureHeader = 'X-RevKeen-Signature') {
  const posted: PostRequest[] = [];
  const makeAttempt = createAttemptMaker({
    poster: {
      post: async (request) => {
        posted.push(request);
        return { kind: 'no-response', reason: 'connection', error: 'Connection refused', responseTimeMs: 1 };
      },
      close() {},
    },
    cipher,
    clock: { now: () => 1_795_464_000_000 },
    signatureHeader,
    userAgent: 'RevKeen-Webhooks/0.1.0',
  });
  return { makeAttempt, posted };
}

it("sends the endpoint's headers in clear and its format of signature", async () => {
  const { makeAttempt, posted } = setUpMaker();

  await makeAttempt(LOADED);

  expect(posted[0]!.headers).toEqual(
    expect.arrayContaining([
      { name: 'x-revkeen-signature', value: expect.stringMatching(/^t=1795464000,v1=[0-9a-f]{64}$/) },
      { name: 'x-tenant', value: '42' },
      expect.objectContaining({ name: 'authorization', value: 'Bearer hush' }),
    ]),
  );
});

it('hands on nothing for the record in which a secret header is in clear', async () => {
  const { makeAttempt } = setUpMaker();

  const finished = await makeAttempt(LOADED);

  expect(finished.requestHeaders.slice(-2)).toEqual([
    { name: 'x-tenant', value: '42' },
    { name: 'authorization', value: '••••••••', secret: true },
  ]);
  expect(JSON.stringify(finished)).not.toContain('hush');
});

it('leaves out a header that the service has come to set itself', async () => {
  const { makeAttempt, posted } = setUpMaker('X-Tenant');

  await makeAttempt(LOADED);

  const values = posted[0]!.headers.filter(({ name }) => name === 'x-tenant').map(({ value }) => value);
  expect(values).toEqual([expect.stringMatching(/^t=/)]);
});

it("refuses to send another endpoint's secret", async () => {
  const { makeAttempt, posted } = setUpMaker();

  const foreign = { ...LOADED, job: { ...job, endpointId: newId() } };

  await expect(makeAttempt(foreign)).rejects.toThrow(/another endpoint's/);
  expect(posted).toEqual([]);
});
