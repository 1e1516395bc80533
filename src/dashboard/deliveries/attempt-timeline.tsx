import type { OneDelivery } from '../documents.js';
import { Timestamp, useClock } from '../elements/timestamp.js';
import { duration, OUTCOMES } from './outcomes.js';

export type ShownDelivery = NonNullable<OneDelivery['delivery']>;
export type ShownAttempt = ShownDelivery['attempts'][number];

interface TimelineProps {
  delivery: ShownDelivery;
  chosen: ShownAttempt | undefined;
  onChoose: (attempt: ShownAttempt) => void;
  /** Whether the reader has asked for an attempt that is not there yet. */
  isAwaited: boolean;
}

/** What was tried and what comes next, newest first; what is chosen is shown below. */
export function AttemptTimeline({ delivery, chosen, onChoose, isAwaited }: TimelineProps) {
  return (
    <ol className="timeline" reversed aria-label="Attempts, newest first">
      <ComingAttempt delivery={delivery} isAwaited={isAwaited} />
      {delivery.attempts.toReversed().map((attempt) => (
        <li key={attempt.id} className={`timeline__step timeline__step--${toneOf(attempt)}`}>
          <button
            type="button"
            className="timeline__attempt"
            aria-pressed={attempt === chosen}
            onClick={() => onChoose(attempt)}
          >
            <span className="timeline__number faint">{attempt.number}</span>
            <span className="timeline__outcome">
              {OUTCOMES[attempt.outcome]}
              {attempt.trigger === 'MANUAL' && <span className="quiet"> · retried by hand</span>}
              {attempt.trigger === 'TEST' && <span className="quiet"> · test event</span>}
            </span>
            <span>{attempt.responseStatusCode}</span>
            <span className="timeline__took quiet">{duration(attempt.responseTimeMs)}</span>
            <span className="timeline__when quiet">
              <Timestamp at={attempt.startedAt} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function ComingAttempt({
  delivery: { status, nextAttemptAt },
  isAwaited,
}: Pick<TimelineProps, 'delivery' | 'isAwaited'>) {
  const words = useClock((now) => describeNext({ status, nextAttemptAt, isAwaited }, now));
  if (!words) return null;
  return (
    <li className="timeline__step timeline__step--coming">
      <span className="timeline__coming quiet">{words}</span>
    </li>
  );
}

interface Next {
  status: ShownDelivery['status'];
  nextAttemptAt: string | null;
  isAwaited: boolean;
}

/** Such as `Next attempt in 4 min 12 s`; nothing when none is to come. */
function describeNext({ status, nextAttemptAt, isAwaited }: Next, nowMs: number): string {
  if (status === 'HELD') return 'Held until the endpoint is enabled';
  if (isAwaited) return 'Attempt on its way …';
  if (status === 'PENDING') return 'First attempt on its way …';
  if (nextAttemptAt === null) return '';
  const seconds = Math.ceil((Date.parse(nextAttemptAt) - nowMs) / 1_000);
  return seconds <= 0 ? 'Next attempt due now …' : `Next attempt in ${describeWait(seconds)}`;
}

function describeWait(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

function toneOf({ outcome }: ShownAttempt): 'good' | 'bad' {
  return outcome === 'SUCCEEDED' ? 'good' : 'bad';
}
