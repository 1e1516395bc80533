import { type Facts, takeoverDuring } from '../turmoil/rules/rule.js';
import type { Follower } from './follower.js';

export interface Play {
  readonly seed: number;
  /** The names of the faults, in their order. */
  readonly played: readonly string[];
  readonly facts: Facts;
  readonly followers: readonly Follower[];
  readonly durationMs: number;
}

/** What happened in a play, for people: how much of what, and why anything was sent twice. */
export function report({ seed, played, facts, followers, durationMs }: Play): string {
  const { ledger, seen } = facts;
  const acknowledged = new Set(
    ledger.publishes.flatMap(({ result }) => (typeof result === 'object' ? [result.eventId] : [])),
  );
  const unknown = ledger.publishes.filter(({ result }) => result === 'unknown');
  const attempts = seen.deliveries.reduce((sum, one) => sum + one.attempts.length, 0);
  const sum = (count: (follower: Follower) => number) => followers.reduce((total, one) => total + count(one), 0);
  const rows: [string, string][] = [
    ['seed', `${seed}, ${Math.round(durationMs / 1_000)} s`],
    ['faults', countEach(played)],
    [
      'events',
      `${acknowledged.size} acknowledged, ${seen.events.length} stored with tests, ${unknown.length} publishes without an answer`,
    ],
    ['deliveries', `${seen.deliveries.length}: ${countEach(seen.deliveries.map(({ status }) => status))}`],
    ['attempts', `${attempts} on record, ${ledger.requests.length} requests received`],
    ['repeats', countEach(explainRepeats(facts)) || 'none'],
    ['followers', `${sum((one) => one.updateCount)} updates over ${sum((one) => one.connectionCount)} connections`],
  ];
  return `${rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`).join('\n')}\n`;
}

/** For every attempt that was sent once more, what had cut it off. */
function explainRepeats({ ledger }: Facts): string[] {
  const byAttempt = Map.groupBy(ledger.requests, (one) => `${one.deliveryId} #${one.attemptNumber}`);
  return [...byAttempt.values()].flatMap((requests) =>
    requests.slice(0, -1).map(({ span }) => takeoverDuring(ledger, span)?.what ?? 'nothing'),
  );
}

/** `3 × this, 1 × that` */
function countEach(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)].map(([name, { length }]) => `${length} × ${name}`).join(', ');
}
