import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { StoredHeader } from '../../../src/endpoints/endpoint.js';
import { loggedHeaders, SECRET_MASK, withSecretsMasked } from '../../../src/endpoints/http-header.js';
import { clearHeaders, shownHeaders } from '../../../src/endpoints/stored-headers.js';

const STORED: StoredHeader[] = [
  { name: 'X-Tenant', value: '42' },
  { name: 'Authorization', encryptedValue: 'sealed' },
];

const clear = clearHeaders(STORED, (record) => `opened ${record}`);

describe('a secret header', () => {
  it('is in clear for those who send it', () => {
    expect(clear).toEqual([
      { name: 'X-Tenant', value: '42' },
      { name: 'Authorization', value: 'opened sealed', secret: true },
    ]);
  });

  it('is masked for those who look at the endpoint', () => {
    expect(shownHeaders(STORED)).toEqual([
      { name: 'X-Tenant', value: '42', secret: false },
      { name: 'Authorization', value: SECRET_MASK, secret: true },
    ]);
  });

  it('is masked in the log of an attempt, and known there as secret', () => {
    const logged = withSecretsMasked(clear);

    expect(JSON.parse(JSON.stringify(logged))).toEqual([
      { name: 'X-Tenant', value: '42' },
      { name: 'Authorization', value: SECRET_MASK, secret: true },
    ]);
    expect(loggedHeaders.from(logged).map(({ secret }) => secret)).toEqual([false, true]);
  });
});
