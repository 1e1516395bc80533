import { expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { of, Subject } from 'rxjs';
import { LiveWins } from '../../../src/dashboard/api/live-wins.js';

const ROW = 'fragment Row on WebhookEndpoint { __typename id status day: stats(window: DAY) { total } }';
const LIST = { query: parse(`{ endpoints { nodes { ...Row } } } ${ROW}`), variables: {} };
const WITH_LITERAL = 'subscription { changed { __typename id status stats(window: DAY) { total } } }';
const ONE = {
  query: parse('query ($window: StatsWindow!) { endpoint { __typename id status stats(window: $window) { total } } }'),
  variables: { window: 'DAY' },
};
const CHANGED = {
  query: parse(
    'subscription ($w: StatsWindow!) { changed { __typename id status ... { stats(window: $w) { total } } } }',
  ),
  variables: { w: 'DAY' },
};

const endpoint = (status: string, stats: object) => ({ __typename: 'WebhookEndpoint', id: 'ep_1', status, ...stats });

/** What a request is answered with when an update has overtaken its answer. */
function overtaken<Data extends object>(asked: typeof ONE | typeof LIST, data: Data, update: typeof CHANGED): Data {
  const liveWins = new LiveWins();
  const answers = new Subject<{ data: Data }>();
  let seen: Data | undefined;
  answers.pipe(liveWins.correct(asked)).subscribe((answer) => {
    seen = answer.data;
  });
  const changed = endpoint('DISABLED', { stats: { total: 2 } });
  of({ data: { changed } }).pipe(liveWins.note(update)).subscribe();
  answers.next({ data });
  return seen!;
}

it('shows what came live while the answer was on its way', () => {
  const answer = { endpoint: endpoint('ACTIVE', { stats: { total: 1 } }) };
  expect(overtaken(ONE, answer, CHANGED)).toEqual({ endpoint: endpoint('DISABLED', { stats: { total: 2 } }) });
});

it('knows a field by its arguments, whatever it is called', () => {
  const answer = { endpoints: { nodes: [endpoint('ACTIVE', { day: { total: 1 } })] } };
  const expected = { endpoints: { nodes: [endpoint('DISABLED', { day: { total: 2 } })] } };
  const literal = { ...CHANGED, query: parse(WITH_LITERAL) };
  expect(overtaken(LIST, answer, literal)).toEqual(expected);
});

it('takes what is of one period for no other', () => {
  const answer = { endpoint: endpoint('ACTIVE', { stats: { total: 1 } }) };
  const update = { ...CHANGED, variables: { w: 'MONTH' } };
  expect(overtaken(ONE, answer, update)).toEqual({ endpoint: endpoint('DISABLED', { stats: { total: 1 } }) });
});

it('forgets what came once nothing is under way', () => {
  const liveWins = new LiveWins();
  const before = { data: { endpoint: endpoint('ACTIVE', { stats: { total: 1 } }) } };
  of(before).pipe(liveWins.correct(ONE)).subscribe();
  of({ data: { changed: endpoint('DISABLED', { stats: { total: 2 } }) } })
    .pipe(liveWins.note(CHANGED))
    .subscribe();
  let seen: unknown;
  const after = { data: { endpoint: endpoint('ACTIVE', { stats: { total: 3 } }) } };
  of(after)
    .pipe(liveWins.correct(ONE))
    .subscribe((answer) => {
      seen = answer;
    });
  expect(seen).toEqual(after);
});
