import { describe, expect, it } from '@jest/globals';
import { requestHeaders } from '../../../src/dispatch/sign.js';
import { isHeaderName, isReservedHeader } from '../../../src/endpoints/reserved-headers.js';

describe('a reserved header', () => {
  it.each([
    ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings', 'expect'],
    ...['host', 'date', 'accept-encoding', 'user-agent', 'content-type', 'content-length', 'content-encoding'],
    ...['content-disposition', 'content-anything', 'proxy-authorization', 'proxy-connection', 'proxy-anything'],
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'webhook-anything'],
    ...['x-revkeen-event', 'x-revkeen-delivery', 'x-revkeen-attempt', '__proto__'],
  ])('is %s, in any letter case', (name) => {
    expect([name, name.toUpperCase()].map((one) => isReservedHeader(one))).toEqual([true, true]);
  });

  it('is the signature header and the one for the previous secret, whatever they are called', () => {
    const names = ['X-Acme-Signature', 'x-acme-signature', 'x-acme-signature-previous', 'X-ACME-SIGNATURE-PREVIOUS'];

    expect(names.filter((name) => isReservedHeader(name, 'X-Acme-Signature'))).toEqual(names);
    expect(names.filter((name) => isReservedHeader(name, 'X-RevKeen-Signature'))).toEqual([]);
    expect(names.filter((name) => isReservedHeader(name))).toEqual([]);
  });

  it.each([
    'Content_Length',
    'content.length',
    'WEBHOOK_ID',
    'webhook~signature',
    'Transfer_Encoding',
    'x_revkeen.event',
  ])('is %s, which gateways take for another', (name) => {
    expect(isReservedHeader(name)).toBe(true);
  });

  it('is the signature header in such spellings, too', () => {
    const names = ['X_Acme_Signature', 'x.acme-signature', 'X-Acme-Signature_Previous'];

    expect(names.filter((name) => isReservedHeader(name, 'X-Acme-Signature'))).toEqual(names);
    expect(isReservedHeader('X-Acme-Signature', 'X_Acme_Signature')).toBe(true);
  });

  it('is every header that the service sends', () => {
    const sent = requestHeaders({
      body: '{}',
      eventId: 'evt_1',
      eventType: 'invoice.paid',
      deliveryId: 'dlv_1',
      attemptNumber: 1,
      signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      previousSigningSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      signatureFormat: 'SHA256',
      signatureHeader: 'X-Acme-Signature',
      userAgent: 'RevKeen-Webhooks/0.1.0',
      extraHeaders: [],
      now: new Date(),
    });

    expect(sent.filter(({ name }) => !isReservedHeader(name, 'X-Acme-Signature'))).toEqual([]);
  });

  it.each([
    ...['authorization', 'cookie', 'accept', 'x-api-key', 'x-tenant', 'x-revkeen-tenant', 'contents', 'content'],
    ...[
      'x_tenant',
      'contents_',
      'my_content_length',
      'webhook',
      'x-webhook-id',
      'hosts',
      'constructor',
      'x-acme-signature-previous-one',
    ],
  ])('is not %s', (name) => {
    expect(isReservedHeader(name, 'X-Acme-Signature')).toBe(false);
  });
});

describe('the name of a header', () => {
  it.each(['X-Api-Key', 'a', "!#$%&'*+-.^_`|~09azAZ"])('can be %s', (text) => {
    expect(isHeaderName(text)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:',
    ':a',
    'a\n',
    '\na',
    'a\0',
    'a\t',
    'ü',
    'ſ',
    'a/b',
    'a"',
    '(a)',
    '{a}',
    'a,b',
    '\ud83d',
  ])('cannot be %j', (text) => {
    expect(isHeaderName(text)).toBe(false);
  });
});
