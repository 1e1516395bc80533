import type { EndpointHistory } from '../ledger.js';
import type { DeliverySeen } from '../read-back.js';
import { finishOf, isDisturbed, liveDeliveries, type Rules, storyOf } from './rule.js';

/** Two clocks that tell the same time may be so far apart, in milliseconds. */
const CLOCK_SLACK_MS = 2;

/** What holds of deliveries and their attempts. */
export const DELIVERY_RULES: Rules = {
  *'Every delivery ends, and nothing is due after that'(facts) {
    for (const delivery of facts.seen.deliveries) {
      const isFinal = delivery.status === 'SUCCEEDED' || delivery.status === 'FAILED';
      if (!isFinal || delivery.nextAttemptAt !== null || delivery.completedAt === null) yield storyOf(delivery, facts);
    }
  },

  *'Attempts are numbered from 1 without a gap, and counted'(facts) {
    for (const delivery of facts.seen.deliveries) {
      const { attempts, attemptCount } = delivery;
      const isNumbered = attempts.every(({ number }, index) => number === index + 1);
      if (!isNumbered || attempts.length !== attemptCount) yield storyOf(delivery, facts);
    }
  },

  *'A 2xx ends a delivery as SUCCEEDED, and nothing else does'(facts) {
    for (const delivery of facts.seen.deliveries) {
      const hasSucceeded = delivery.attempts.some(({ outcome }) => outcome === 'SUCCEEDED');
      if (hasSucceeded !== (delivery.status === 'SUCCEEDED')) yield storyOf(delivery, facts);
    }
  },

  *'A delivery is completed by the attempt that ended it'(facts) {
    for (const { delivery } of liveDeliveries(facts)) {
      const { status, attempts, completedAt } = delivery;
      const last =
        status === 'SUCCEEDED'
          ? attempts.find(({ outcome }) => outcome === 'SUCCEEDED')
          : attempts.findLast(({ trigger }) => trigger === 'SCHEDULED');
      if (!isDisturbed(facts, delivery.id) && (!last || finishOf(last) !== Date.parse(completedAt!))) {
        yield `completed at ${completedAt}: ${storyOf(delivery, facts)}`;
      }
    }
  },

  *'A delivery fails once its schedule is used up, and not before'(facts) {
    for (const { delivery, history } of liveDeliveries(facts)) {
      const count = scheduledOf(delivery).length;
      const lengths = history.schedules.map(({ length }) => length);
      const isEarly = delivery.status === 'FAILED' && count < 1 + Math.min(...lengths);
      const isLate = !isDisturbed(facts, delivery.id) && count > 1 + Math.max(...lengths);
      if (isEarly || isLate) yield `${count} scheduled: ${storyOf(delivery, facts)}`;
    }
  },

  *'Nothing is scheduled after a 2xx'(facts) {
    for (const { delivery } of liveDeliveries(facts)) {
      const first = delivery.attempts.findIndex(({ outcome }) => outcome === 'SUCCEEDED');
      const later = first < 0 ? [] : delivery.attempts.slice(first + 1);
      if (isDisturbed(facts, delivery.id)) continue;
      if (later.some(({ trigger }) => trigger === 'SCHEDULED')) yield storyOf(delivery, facts);
    }
  },

  *'No scheduled attempt starts before it is due'(facts) {
    for (const { delivery, history } of liveDeliveries(facts)) {
      if (isDisturbed(facts, delivery.id)) continue;
      for (const [index, attempt] of scheduledOf(delivery).entries()) {
        const before = scheduledOf(delivery)[index - 1];
        if (!before) continue;
        const waitedMs = Date.parse(attempt.startedAt) - finishOf(before);
        const dueAfterMs = shortestWaitMs(history, index);
        if (waitedMs < dueAfterMs - CLOCK_SLACK_MS) {
          yield `#${attempt.number} came ${waitedMs} ms after #${before.number}, not ${dueAfterMs}: ${storyOf(delivery, facts)}`;
        }
      }
    }
  },

  *'A test event is attempted once, and nothing else is a test'(facts) {
    for (const delivery of facts.seen.deliveries) {
      const tests = delivery.attempts.filter(({ trigger }) => trigger === 'TEST').length;
      const isTest = !delivery.event.livemode;
      const isOnce = tests === 1 || isDisturbed(facts, delivery.id);
      const isWrong = isTest ? tests !== delivery.attempts.length || !isOnce : tests > 0;
      if (isWrong) yield storyOf(delivery, facts);
    }
  },
};

function scheduledOf({ attempts }: DeliverySeen): DeliverySeen['attempts'] {
  return attempts.filter(({ trigger }) => trigger === 'SCHEDULED');
}

/** The least that any of the endpoint's schedules has ever asked for after so many scheduled attempts. */
function shortestWaitMs({ schedules }: EndpointHistory, attemptCount: number): number {
  const waits = schedules.flatMap((schedule) => schedule[attemptCount - 1] ?? []);
  return waits.length > 0 ? Math.min(...waits) * 1_000 : 0;
}
