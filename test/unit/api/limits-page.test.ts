import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { Documents } from '../../../src/api/documents.js';
import { DOCUMENT_LIMITS, OPERATION_LIMITS } from '../../../src/api/operation-limits.js';
import { PRICES, USUAL_PRICES } from '../../../src/api/prices.js';
import { buildSchema } from '../../../src/api/schema.js';
import { readConfig } from '../../../src/config/config.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/graphql-limits.md'), 'utf8');
const schema = buildSchema();

/** The second column of the row that begins so. */
function told(row: string): string {
  const line = page.split('\n').find((one) => one.startsWith(`| ${row} |`));
  return line?.split('|')[2]?.trim() ?? `no row "${row}"`;
}

const written = (value: number) => value.toLocaleString('en-US');

function costOf(query: string, variables: Record<string, unknown> = {}): number {
  const read = new Documents({ schema, introspection: true }).read(query);
  if (!('operations' in read)) throw read[0]!;
  const [operation] = read.operations.values();
  return Math.round(operation!.cost.of(variables));
}

const STATS = `total succeeded failed successRate averageResponseTimeMs p95ResponseTimeMs`;
const ATTEMPT = `id number trigger outcome requestHeaders { name value secret } requestBody responseStatusCode
  responseHeaders { name value secret } responseBody responseBodyTruncated responseTimeMs error startedAt`;

describe('the page of limits', () => {
  it.each([
    ['characters', DOCUMENT_LIMITS.characters],
    ['words and signs', DOCUMENT_LIMITS.tokens],
    ['operations', DOCUMENT_LIMITS.operations],
    ['fragments', DOCUMENT_LIMITS.fragments],
    ['levels of fields, one within the other', DOCUMENT_LIMITS.depth],
    ['fields and fragments, fragments written out', DOCUMENT_LIMITS.selections],
    ['fields at the top of an operation', DOCUMENT_LIMITS.rootFields],
    ['aliases', DOCUMENT_LIMITS.aliases],
    ['mentions of one field at the same place', DOCUMENT_LIMITS.repeats],
    ['directives in one place', DOCUMENT_LIMITS.directives],
    ['items in a list among the variables', OPERATION_LIMITS.listItems],
    ['cost', OPERATION_LIMITS.cost],
    ['characters of bodies in one answer', OPERATION_LIMITS.bodyCharacters],
    ['seconds for a query', OPERATION_LIMITS.milliseconds / 1_000],
    ['mistakes told at a time', OPERATION_LIMITS.errors],
  ])('tells the limit of the code: %s', (row, limit) => {
    expect(told(row)).toBe(written(limit));
  });

  it('leaves no limit out', () => {
    const rows = page.match(/^\| [^|]+ \| [\d,]+ \|$/gm) ?? [];
    const limits = [...Object.values(DOCUMENT_LIMITS), ...Object.values(OPERATION_LIMITS)];
    expect(rows.length).toBeGreaterThanOrEqual(limits.length);
  });

  it.each([
    ['a field with nothing below it', `${USUAL_PRICES.plain}`],
    ['an object', `${USUAL_PRICES.object}`],
    ['a page of a list', `${USUAL_PRICES.page}`],
    ['each item of a list', `${USUAL_PRICES.item}, and what is asked of it`],
    ['a mutation, or a subscription', `${USUAL_PRICES.change}`],
    [
      '`totalCount` of endpoints; of deliveries',
      `${PRICES['WebhookEndpointConnection.totalCount']!.cost}; ${PRICES['DeliveryConnection.totalCount']!.cost}`,
    ],
    [
      '`stats`; its `series`',
      `${PRICES['WebhookEndpoint.stats']!.cost}; ${PRICES['DeliveryStats.series']!.cost}, and its points`,
    ],
    ['`body`, `data`, `requestBody`, `responseBody`', `${PRICES['WebhookEvent.body']!.cost}`],
    [
      '`publishEvents`',
      `${PRICES['Mutation.publishEvents']!.cost}, and ${PRICES['Mutation.publishEvents']!.costPerInput} for each event`,
    ],
    [
      '`sendTestEvent`; `retryDeliveries`',
      `${PRICES['Mutation.sendTestEvent']!.cost}; ${PRICES['Mutation.retryDeliveries']!.cost}`,
    ],
  ])('tells the price of the code: %s', (row, price) => {
    expect(told(row)).toBe(price);
  });

  it.each([
    [
      'publishing one event',
      'mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id } userErrors { message } } }',
      {},
    ],
    [
      'publishing 500 events at once, with their ids',
      'mutation ($input: [PublishEventInput!]!) { publishEvents(input: $input) { results { event { id } } userErrors { message } } }',
      { input: Array(500).fill({}) },
    ],
    [
      '100 endpoints with all their fields, statistics and series of four windows, and the last delivery',
      `{ endpoints(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes {
        id url description allEvents eventTypes eventTypeCount status disabledReason disabledAt heldCount successRate
        lastDeliveryAt signingSecretHint previousSecretExpiresAt signatureFormat headers { name value secret }
        rateLimitPerSecond retryScheduleSeconds version createdAt updatedAt
        lastDelivery { id status eventType lastAttempt { outcome responseStatusCode responseTimeMs } }
        hour: stats(window: LAST_HOUR) { ${STATS} series { at succeeded failed } }
        day: stats(window: LAST_24_HOURS) { ${STATS} series { at succeeded failed } }
        week: stats(window: LAST_7_DAYS) { ${STATS} series(interval: DAY) { at succeeded failed } }
        month: stats(window: LAST_30_DAYS) { ${STATS} series(interval: DAY) { at succeeded failed } } } } }`,
      {},
    ],
    [
      '100 deliveries with event, endpoint and all attempts, headers and bodies',
      `{ deliveries(first: 100) { totalCount nodes { id status eventType attemptCount nextAttemptAt version createdAt updatedAt
        completedAt event { id type livemode data } endpoint { id url } attempts { ${ATTEMPT} } } } }`,
      {},
    ],
    [
      'the introspection query',
      getIntrospectionQuery({
        specifiedByUrl: true,
        inputValueDeprecation: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
      }),
      {},
    ],
  ])('tells what it costs: %s', (row, query, variables) => {
    expect(told(row)).toBe(written(costOf(query, variables)));
  });

  it('tells the rate limit of the configuration', () => {
    expect(page).toContain(`${written(readConfig({}).rateLimit!)} units unless the operator says otherwise`);
  });
});

it('prices only what the schema has', () => {
  const fields = Object.keys(PRICES).filter((name) => {
    const [type, field] = name.split('.') as [string, string];
    const found = schema.getType(type);
    return !found || !('getFields' in found) || !(field in found.getFields());
  });
  expect(fields).toEqual([]);
});
