/** What is asked of each delivery. */
export const DELIVERY_FIELDS = `id status attemptCount nextAttemptAt endpoint { url }
      lastAttempt { outcome responseStatusCode responseTimeMs }`;

/** A delivery, as far as a person who tries endpoints wants to know. */
export interface TriedDelivery {
  readonly id: string;
  readonly status: 'PENDING' | 'RETRYING' | 'HELD' | 'SUCCEEDED' | 'FAILED';
  readonly attemptCount: number;
  readonly nextAttemptAt: string | null;
  readonly endpoint: { readonly url: string };
  readonly lastAttempt: {
    readonly outcome: string;
    readonly responseStatusCode: number | null;
    readonly responseTimeMs: number;
  } | null;
}

/** Tells what became of each of `count` deliveries. The command fails unless all arrived, or are held. */
export function tellResults(deliveries: readonly TriedDelivery[], count: number): void {
  for (const delivery of deliveries) console.log(describe(delivery));
  const isFine = ({ status }: TriedDelivery) => status === 'SUCCEEDED' || status === 'HELD';
  if (deliveries.length < count || !deliveries.every(isFine)) process.exitCode = 1;
}

function describe({ id, status, nextAttemptAt, endpoint, lastAttempt }: TriedDelivery): string {
  const answer = lastAttempt
    ? `${lastAttempt.responseStatusCode ?? lastAttempt.outcome} in ${lastAttempt.responseTimeMs} ms`
    : 'not tried yet';
  const next = nextAttemptAt && status === 'RETRYING' ? `, again at ${nextAttemptAt}` : '';
  return `  ${status.padEnd(9)}  ${id}  ${endpoint.url}  ${answer}${next}`;
}
