/** When something was asked for, and when the answer was there: it happened in between. Milliseconds since 1970. */
export interface Span {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** What an endpoint is subscribed to from a change on. */
export interface Subscription {
  readonly span: Span;
  /** Null: all types. */
  readonly eventTypes: readonly string[] | null;
}

/** A secret that an endpoint signed with from a rotation on. */
export interface SecretInUse {
  readonly secret: string;
  /** Of the rotation, or the creation. */
  readonly span: Span;
  /** For how long the one before signs beside it. */
  readonly overlapHours: number;
}

/** Something that may cut off or repeat what was under way meanwhile. */
export interface Disruption extends Span {
  /** Such as `dispatcher 2 killed`. */
  readonly what: string;
  /** Whether a dispatcher was lost, or stood still for so long that others took over: only then anything is sent twice. */
  readonly isTakenOver: boolean;
}

/** What was done to an endpoint, as far as its callers know. */
export interface EndpointHistory {
  readonly id: string;
  /** The last part of its URL's path, by which the receiver knows it. */
  readonly name: string;
  /** The first is of its creation. Each begins after the one before was answered. */
  readonly subscriptions: Subscription[];
  /** Every retry schedule that it ever had, in seconds. */
  readonly schedules: (readonly number[])[];
  /** Every signing secret that it ever had, the oldest first. */
  readonly secrets: SecretInUse[];
  readonly disables: Span[];
  readonly enables: Span[];
  deleted: Span | null;
  /** What was still shown of it and its deliveries, once it was deleted: the ids. */
  readonly shownAfterDeletion: string[];
}

/** An event that somebody wanted to publish. */
export interface Publish {
  readonly span: Span;
  readonly type: string;
  /** Part of the event's data. Two publishes have the same when the second repeats the first, key and all. */
  readonly marker: number;
  readonly key: string | null;
  /** All or none of a call are refused. Unknown: no answer came, so that the event may exist or not. */
  readonly result: PublishResult | 'refused' | 'unknown';
  /** Which call it came with. */
  readonly call: number;
}

export interface PublishResult {
  readonly eventId: string;
  readonly deliveryCount: number;
  readonly duplicate: boolean;
}

/** A delivery that somebody wanted to have retried. */
export interface ManualRetry {
  readonly span: Span;
  readonly deliveryId: string;
  readonly endpointId: string;
  /** Unknown: no answer came. Else the code of the refusal. */
  readonly result: 'accepted' | 'unknown' | string;
  /** What the delivery said when it was accepted; 0 otherwise. */
  readonly attemptCount: number;
}

/** A request that the receiver got. */
export interface ReceivedAttempt {
  /** The endpoint's. */
  readonly name: string;
  readonly deliveryId: string;
  readonly eventId: string;
  /** What `x-revkeen-attempt` says. */
  readonly attemptNumber: number;
  /** What it was answered; null when it was left without an answer, or with less than a whole one. */
  readonly statusCode: number | null;
  /** From the last byte of the request to the end of the answer, or of the connection. */
  readonly span: { readonly askedAt: number; answeredAt: number };
  /** What `webhook-timestamp` says. */
  readonly timestamp: string;
  /** What `webhook-signature` says. */
  readonly signature: string;
  /** What `x-revkeen-signature` says. */
  readonly productSignature: string;
  readonly body: string;
}

/** All that was asked for and answered, on either side of the service: what the rules are checked against. */
export class Ledger {
  readonly endpoints = new Map<string, EndpointHistory>();
  readonly publishes: Publish[] = [];
  readonly retries: ManualRetry[] = [];
  /** Null: no answer came, so that it may run or not. */
  readonly bulkRetryIds: (string | null)[] = [];
  readonly requests: ReceivedAttempt[] = [];
  readonly disruptions: Disruption[] = [];
  #lastNumber = 0;

  /** A number that nobody got before. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Those that nobody wanted to delete yet. */
  livingEndpoints(): EndpointHistory[] {
    return [...this.endpoints.values()].filter(({ deleted }) => !deleted);
  }
}

/**
 * Whether an endpoint was disabled throughout a span beyond doubt, and for `graceMs` before it: the answer was there by
 * then, and nobody had asked to enable it again.
 */
export function isSurelyDisabled(
  { disables, enables }: EndpointHistory,
  { askedAt, answeredAt }: Span,
  graceMs = 0,
): boolean {
  return disables.some(
    (disable) =>
      disable.answeredAt + graceMs < askedAt &&
      !enables.some((enable) => enable.answeredAt >= disable.askedAt && enable.askedAt <= answeredAt),
  );
}

/** How many deliveries of an event of this type an endpoint gets when it is published in this span: at least, at most. */
export function deliveriesOwed(
  { subscriptions, deleted }: EndpointHistory,
  type: string,
  { askedAt, answeredAt }: Span,
): { least: number; most: number } {
  const possible = subscriptions
    .filter(({ span }, index) => {
      const next = subscriptions[index + 1];
      return span.askedAt <= answeredAt && (!next || askedAt <= next.span.answeredAt);
    })
    .map(({ eventTypes }) => (eventTypes === null || eventTypes.includes(type) ? 1 : 0));
  if (askedAt <= subscriptions[0]!.span.answeredAt) possible.push(0);
  if (deleted && askedAt > deleted.answeredAt) return { least: 0, most: 0 };
  if (deleted && answeredAt >= deleted.askedAt) possible.push(0);
  return { least: Math.min(...possible), most: Math.max(...possible) };
}

/** Whether something happened in both spans, or may have. */
export function overlap(one: Span, other: Span): boolean {
  return one.askedAt <= other.answeredAt && other.askedAt <= one.answeredAt;
}
