import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { requestHeaders, type SignableRequest } from '../../../src/dispatch/sign.js';

const KEY = Buffer.alloc(32, 7);
const PREVIOUS_KEY = Buffer.alloc(32, 9);
const SECRET = `whsec_${KEY.toString('base64')}`;
const PREVIOUS_SECRET = `whsec_${PREVIOUS_KEY.toString('base64')}`;
const BODY = '{"id":"evt_1","type":"invoice.paid","data":{"customer":"Zoë","total":"12 €"}}';
const SECONDS = 1_795_464_000;

const REQUEST: SignableRequest = {
  body: BODY,
  eventId: 'evt_1',
  eventType: 'invoice.paid',
  deliveryId: 'dlv_2',
  attemptNumber: 3,
  signingSecret: SECRET,
  signatureFormat: 'SHA256',
  signatureHeader: 'X-RevKeen-Signature',
  userAgent: 'RevKeen-Webhooks/0.1.0',
  extraHeaders: [],
  now: new Date(SECONDS * 1000 + 999),
};

function sign(changes: Partial<SignableRequest> = {}): Record<string, string> {
  return Object.fromEntries(requestHeaders({ ...REQUEST, ...changes }).map(({ name, value }) => [name, value]));
}

function hex(key: string | Buffer, message: string): string {
  return createHmac('sha256', key).update(message, 'utf8').digest('hex');
}

function base64(key: string | Buffer, message: string): string {
  return createHmac('sha256', key).update(message, 'utf8').digest('base64');
}

describe('the headers of a request', () => {
  it('are those that receivers are promised, in order', () => {
    expect(requestHeaders(REQUEST)).toEqual([
      { name: 'content-type', value: 'application/json' },
      { name: 'user-agent', value: 'RevKeen-Webhooks/0.1.0' },
      { name: 'x-revkeen-signature', value: `sha256=${hex(SECRET, BODY)}` },
      { name: 'x-revkeen-event', value: 'invoice.paid' },
      { name: 'x-revkeen-delivery', value: 'dlv_2' },
      { name: 'x-revkeen-attempt', value: '3' },
      { name: 'webhook-id', value: 'evt_1' },
      { name: 'webhook-timestamp', value: `${SECONDS}` },
      { name: 'webhook-signature', value: `v1,${base64(KEY, `evt_1.${SECONDS}.${BODY}`)}` },
    ]);
  });

  it('have the values that openssl computes', () => {
    const signed = sign({ body: '{}', signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });

    expect(signed['x-revkeen-signature']).toBe(
      'sha256=6cbbcdf2c8016ca85b50543b19e8e121ef16137967bdfa3ce660972922bafaeb',
    );
    expect(signed['webhook-signature']).toBe('v1,XwCuyxClxdIwV+rL1h0s9D1RL4kFRVa/CFbpq2fSYhA=');
  });

  it('date the signature in the TIMESTAMPED format, and leave Standard Webhooks as it is', () => {
    const signed = sign({ signatureFormat: 'TIMESTAMPED' });

    expect(signed['x-revkeen-signature']).toBe(`t=${SECONDS},v1=${hex(SECRET, `${SECONDS}.${BODY}`)}`);
    expect(signed['webhook-signature']).toBe(sign()['webhook-signature']);
  });

  it('carry the signatures of both secrets while a rotation lasts', () => {
    const signed = sign({ previousSigningSecret: PREVIOUS_SECRET });

    expect(signed['x-revkeen-signature']).toBe(`sha256=${hex(SECRET, BODY)}`);
    expect(signed['x-revkeen-signature-previous']).toBe(`sha256=${hex(PREVIOUS_SECRET, BODY)}`);
    expect(signed['webhook-signature']).toBe(
      `v1,${base64(KEY, `evt_1.${SECONDS}.${BODY}`)} v1,${base64(PREVIOUS_KEY, `evt_1.${SECONDS}.${BODY}`)}`,
    );
  });

  it('use one format for both secrets', () => {
    const signed = sign({ previousSigningSecret: PREVIOUS_SECRET, signatureFormat: 'TIMESTAMPED' });

    expect(signed['x-revkeen-signature-previous']).toBe(
      `t=${SECONDS},v1=${hex(PREVIOUS_SECRET, `${SECONDS}.${BODY}`)}`,
    );
  });

  it('can bear the name of another product, on the signature alone', () => {
    const signed = sign({ signatureHeader: 'X-Acme-Signature', previousSigningSecret: PREVIOUS_SECRET });

    expect(Object.keys(signed)).toEqual([
      'content-type',
      'user-agent',
      'x-acme-signature',
      'x-acme-signature-previous',
      'x-revkeen-event',
      'x-revkeen-delivery',
      'x-revkeen-attempt',
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
    ]);
  });

  it("end with the endpoint's own headers", () => {
    const extraHeaders = [
      { name: 'Authorization', value: 'Bearer abc' },
      { name: 'X-Tenant', value: '42' },
    ];

    expect(requestHeaders({ ...REQUEST, extraHeaders }).slice(-2)).toEqual([
      { name: 'authorization', value: 'Bearer abc' },
      { name: 'x-tenant', value: '42' },
    ]);
  });

  it.each([
    'Webhook-Signature',
    'X-RevKeen-Signature',
    'x-revkeen-signature-previous',
    'Content-Type',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Expect',
  ])('leave out an own header named %s, which is not for endpoints to set', (name) => {
    expect(requestHeaders({ ...REQUEST, extraHeaders: [{ name, value: 'forged' }] })).toEqual(requestHeaders(REQUEST));
  });
});
