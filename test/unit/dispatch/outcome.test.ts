import { describe, expect, it } from '@jest/globals';
import { classify, isSuccess, type NoResponseReason, type Outcome } from '../../../src/dispatch/outcome.js';

function response(statusCode: number): Outcome {
  return { kind: 'response', statusCode, headers: [], body: '', bodyTruncated: false, responseTimeMs: 3 };
}

function noResponse(reason: NoResponseReason): Outcome {
  return { kind: 'no-response', reason, error: 'Something broke', responseTimeMs: 3 };
}

describe('an outcome', () => {
  it.each([200, 201, 202, 204, 250, 299])('is a success when the receiver answers %i', (statusCode) => {
    expect(isSuccess(response(statusCode))).toBe(true);
    expect(classify(response(statusCode))).toBe('SUCCEEDED');
  });

  it.each([300, 301, 302, 303, 304, 307, 308, 399])('is a redirect when the receiver answers %i', (statusCode) => {
    expect(isSuccess(response(statusCode))).toBe(false);
    expect(classify(response(statusCode))).toBe('REDIRECT');
  });

  it.each([101, 199, 400, 401, 404, 410, 429, 499, 500, 503, 599, 999])(
    'is an HTTP error when the receiver answers %i',
    (statusCode) => {
      expect(isSuccess(response(statusCode))).toBe(false);
      expect(classify(response(statusCode))).toBe('HTTP_ERROR');
    },
  );

  it.each([
    ['timeout', 'TIMEOUT'],
    ['dns', 'DNS_ERROR'],
    ['connection', 'CONNECTION_ERROR'],
    ['tls', 'TLS_ERROR'],
    ['blocked-address', 'BLOCKED_ADDRESS'],
  ] as const)('without a response for reason "%s" is %s', (reason, name) => {
    expect(isSuccess(noResponse(reason))).toBe(false);
    expect(classify(noResponse(reason))).toBe(name);
  });
});
