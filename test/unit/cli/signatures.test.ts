import { describe, expect, it } from '@jest/globals';
import { faultOf } from '../../../src/cli/signatures.js';
import { requestHeaders } from '../../../src/dispatch/sign.js';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const NOW = new Date('2026-11-23T20:00:00.000Z');
const BODY = '{"id":"evt_1","type":"invoice.paid","data":{"name":"Café"}}';

function headersOf(signingSecret = SECRET, previousSigningSecret?: string): Record<string, string> {
  const headers = requestHeaders({
    body: BODY,
    eventId: 'evt_1',
    eventType: 'invoice.paid',
    deliveryId: 'dlv_1',
    attemptNumber: 1,
    signingSecret,
    previousSigningSecret,
    signatureFormat: 'SHA256',
    signatureHeader: 'X-RevKeen-Signature',
    userAgent: 'test',
    extraHeaders: [],
    now: NOW,
  });
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1_000);
}

describe('the receiver of the demonstration', () => {
  it('accepts what the service signs, also while a secret is being replaced', () => {
    expect(faultOf({ headers: headersOf(), body: BODY }, SECRET, NOW)).toBeNull();
    expect(faultOf({ headers: headersOf(SECRET, OTHER_SECRET), body: BODY }, SECRET, later(299))).toBeNull();
  });

  it.each([
    ['another body', {}, BODY.replace('paid', 'void'), NOW, /x-revkeen-signature/],
    ['no signature of the product', { 'x-revkeen-signature': undefined }, BODY, NOW, /x-revkeen-signature/],
    ['one as long that is not ASCII', { 'x-revkeen-signature': 'é'.repeat(71) }, BODY, NOW, /x-revkeen-signature/],
    ['another event id', { 'webhook-id': 'evt_2' }, BODY, NOW, /webhook-signature/],
    ['no standard signature', { 'webhook-signature': undefined }, BODY, NOW, /webhook-signature/],
    ['another time', { 'webhook-timestamp': '1795464001' }, BODY, NOW, /webhook-signature/],
    ['no time', { 'webhook-timestamp': undefined }, BODY, NOW, /webhook-timestamp/],
    ['an old time', {}, BODY, later(301), /webhook-timestamp/],
    ['a time to come', {}, BODY, later(-301), /webhook-timestamp/],
  ])('refuses %s', (_what, changed, body, now, fault) => {
    expect(faultOf({ headers: { ...headersOf(), ...changed }, body }, SECRET, now)).toMatch(fault);
  });

  it('refuses either signature alone when it is made with another secret', () => {
    const [right, wrong] = [headersOf(), headersOf(OTHER_SECRET)];
    for (const name of ['x-revkeen-signature', 'webhook-signature']) {
      const headers = { ...right, [name]: wrong[name] };
      expect(faultOf({ headers, body: BODY }, SECRET, NOW)).toMatch(`${name} does not match`);
    }
  });
});
