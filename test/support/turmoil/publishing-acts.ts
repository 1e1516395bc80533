import type { PublishedView } from '../api.js';
import type { Publish, Span } from './ledger.js';
import type { Random } from './random.js';
import { ask, type Turmoil } from './turmoil.js';

export const EVENT_TYPES = ['invoice.paid', 'payment.failed', 'customer.created', 'chargeback.opened'] as const;

/** A publish that may be sent more than once. */
type Draft = Pick<Publish, 'type' | 'marker' | 'key'>;

const LARGEST_BATCH = 200;

export async function publishOne(turmoil: Turmoil, random: Random): Promise<void> {
  const draft = random.chance(0.05) ? conflicting(turmoil, random) : next(turmoil, random);
  const { span, answer } = await ask(turmoil, random, (api) => api.tryToPublish(inputOf(draft)));
  note(turmoil, span, [draft], answer && (answer.userErrors.length > 0 ? answer.userErrors : [answer]));
}

/** Many at once; most batches are small, and one in a few has a key that stands for something else already. */
export async function publishBatch(turmoil: Turmoil, random: Random): Promise<void> {
  const size = random.chance(0.8) ? random.whole(1, 20) : random.whole(21, LARGEST_BATCH);
  const drafts = Array.from({ length: size }, () => next(turmoil, random));
  if (random.chance(0.1)) drafts.push(conflicting(turmoil, random));
  const { span, answer } = await ask(turmoil, random, (api) => api.publishEvents(drafts.map(inputOf)));
  note(turmoil, span, drafts, answer && (answer.userErrors.length > 0 ? answer.userErrors : answer.results));
}

function next(turmoil: Turmoil, random: Random): Draft {
  const earlier = random.chance(0.1) ? keyedEarlier(turmoil, random) : null;
  if (earlier) return earlier;
  const marker = turmoil.ledger.nextNumber();
  return { type: random.pick(EVENT_TYPES), marker, key: random.chance(0.3) ? `key-${marker}` : null };
}

/** Another event under a key that was used, or is being used. */
function conflicting(turmoil: Turmoil, random: Random): Draft {
  const earlier = keyedEarlier(turmoil, random);
  return earlier ? { ...earlier, marker: turmoil.ledger.nextNumber() } : next(turmoil, random);
}

function keyedEarlier({ ledger }: Turmoil, random: Random): Draft | null {
  const keyed = ledger.publishes.filter(({ key }) => key !== null);
  return keyed.length > 0 ? random.pick(keyed) : null;
}

function inputOf({ type, marker, key }: Draft): object {
  return { type, data: { marker, note: 'Zoë 🧾' }, idempotencyKey: key };
}

function note(
  { ledger }: Turmoil,
  span: Span,
  drafts: readonly Draft[],
  answer: readonly (PublishedView | { code: string; message: string })[] | null,
): void {
  const call = ledger.nextNumber();
  for (const [index, { type, marker, key }] of drafts.entries()) {
    ledger.publishes.push({ type, marker, key, span, call, result: resultOf(answer, index) });
  }
}

function resultOf(answer: Parameters<typeof note>[3], index: number): Publish['result'] {
  if (!answer) return 'unknown';
  const refusal = answer.find((one) => 'code' in one);
  if (refusal && refusal.code !== 'IDEMPOTENCY_CONFLICT') throw new Error(`Not published: ${refusal.message}`);
  if (refusal) return 'refused';
  const { event, deliveryCount, duplicate } = answer[index] as PublishedView;
  return { eventId: event!.id, deliveryCount, duplicate };
}
