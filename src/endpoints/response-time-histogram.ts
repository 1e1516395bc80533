/**
 * Response times are counted in bins that grow by a fifth: up to 10 ms a bin for each millisecond, then each bin
 * reaches 1.2 times as far as the one before. So a percentile read from the middle of a bin is within a tenth of the
 * true one, and two minutes take seventy bins.
 */
const GROWTH = 1.2;
const EXACT_UP_TO_MS = 10;

/** The bin of a response time in whole milliseconds. */
export function binOf(responseTimeMs: number): number {
  if (responseTimeMs <= EXACT_UP_TO_MS) return Math.max(0, responseTimeMs);
  return EXACT_UP_TO_MS + Math.ceil(Math.log(responseTimeMs / EXACT_UP_TO_MS) / Math.log(GROWTH) - 1e-9);
}

/** A histogram of response times: how many fell into each bin. */
export function histogramOf(responseTimesMs: readonly number[]): number[] {
  const counts: number[] = [];
  for (const bin of responseTimesMs.map(binOf)) {
    while (counts.length <= bin) counts.push(0);
    counts[bin]! += 1;
  }
  return counts;
}

/** The response time that a share of all responses did not exceed, within a tenth; null when there were none. */
export function percentile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const bin = counts.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return middleOf(bin);
}

function middleOf(bin: number): number {
  if (bin <= EXACT_UP_TO_MS) return bin;
  const upper = EXACT_UP_TO_MS * GROWTH ** (bin - EXACT_UP_TO_MS);
  return upper / Math.sqrt(GROWTH);
}
