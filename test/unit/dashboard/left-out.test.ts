import { expect, it } from '@jest/globals';
import { parse, print } from 'graphql';
import { leaveOut } from '../../../src/dashboard/api/left-out.js';

const DOCUMENT = parse(`
  query Log($first: Int!, $withEndpoint: Boolean!, $window: StatsWindow, $isShort: Boolean!) {
    deliveries(first: $first) {
      nodes {
        id
        endpoint @include(if: $withEndpoint) { url successRate(window: $window) ...Named }
        event @skip(if: $isShort) { id }
      }
    }
  }
  fragment Named on WebhookEndpoint { ...Described }
  fragment Described on WebhookEndpoint { description }
`);

it('takes out what is left out, and whatever only that needs', () => {
  const left = leaveOut(DOCUMENT, { first: 10, withEndpoint: false, isShort: true });

  expect(print(left)).toBe(print(parse('query Log($first: Int!) { deliveries(first: $first) { nodes { id } } }')));
});

it('leaves the rest, without the conditions', () => {
  const left = print(leaveOut(DOCUMENT, { first: 10, withEndpoint: true, isShort: false }));

  expect(left).not.toMatch(/@include|@skip|withEndpoint|isShort/);
  expect(left).toMatch(/description/);
  expect(left).toMatch(/event \{/);
  expect(left).toMatch(/\$window: StatsWindow/);
});

it('does not touch a document without conditions', () => {
  const document = parse('{ viewer { accountId } }');
  expect(leaveOut(document, {})).toBe(document);
});
