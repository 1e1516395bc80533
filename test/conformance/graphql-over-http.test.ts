import { expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { API_KEY, setUp } from '../support/service.js';

/**
 * Audits of the GraphQL-over-HTTP working group. Breaking a MUST is an error, a SHOULD a warning, a MAY a notice.
 *
 * @see https://github.com/graphql/graphql-http#audit-jest
 */
it('passes the audits of GraphQL over HTTP, with no error', async () => {
  await using setup = await setUp();
  const audits = serverAudits({
    url: `${setup.service.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${API_KEY}` } }),
  });

  const results = await Promise.all(audits.map(({ fn }) => fn()));

  expect(results).toHaveLength(61);
  expect(results.filter(({ status }) => status !== 'ok').map(({ status, name }) => `${status}: ${name}`)).toEqual([
    // A GET without a header of its own may come from any web page: refused, as no browser asks about it first.
    'notice: MAY accept application/x-www-form-urlencoded formatted GET requests',
    'notice: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
    'notice: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
    // These get 400 whatever the client accepts, so that what is between sees failures too.
    'warn: SHOULD use 200 status code on document parsing failure when accepting application/json',
    'warn: SHOULD use 200 status code on document validation failure when accepting application/json',
    'warn: SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
  ]);
});
