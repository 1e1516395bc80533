/** A moment by two clocks: the first cannot be set, the second goes on while the machine is asleep. */
export interface Moment {
  runningMs: number;
  wallMs: number;
}

export function thisMoment(): Moment {
  return { runningMs: performance.now(), wallMs: Date.now() };
}

/** How long ago a moment was, by the clock that says it was longer. */
export function elapsedMs({ runningMs, wallMs }: Moment): number {
  return Math.max(performance.now() - runningMs, Date.now() - wallMs);
}
