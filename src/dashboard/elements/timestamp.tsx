import { useSyncExternalStore } from 'react';
import { describeAgo, exactTime } from './time.js';

/** One clock for all that is shown. */
const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let ticking: number | undefined;
let nowMs = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= window.setInterval(() => {
    nowMs = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(ticking);
    ticking = undefined;
  };
}

/** Follows `read(now)` and renders only when that changes. */
export function useClock<Value extends string | number | boolean>(read: (nowMs: number) => Value): Value {
  return useSyncExternalStore(subscribe, () => {
    if (ticking === undefined) nowMs = Date.now();
    return read(nowMs);
  });
}

/** How long ago, going on by itself; the exact time in the reader's zone on hover. */
export function Timestamp({ at }: { at: string }) {
  const words = useClock((now) => describeAgo(new Date(at), now));
  return (
    <time dateTime={at} title={exactTime(new Date(at))}>
      {words}
    </time>
  );
}
