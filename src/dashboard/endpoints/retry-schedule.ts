const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/**
 * Reads waits such as `30s, 5m, 2h` as seconds. Null for the service's own, when nothing is written; empty for `none`;
 * undefined when it is neither.
 */
export function parseSchedule(text: string): readonly number[] | null | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return null;
  if (words.length === 1 && words[0] === 'none') return [];
  const waits = words.map((word) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(word) ?? [];
    return amount === undefined ? null : Number(amount) * UNITS[unit as keyof typeof UNITS];
  });
  return waits.some((wait) => wait === null) ? undefined : (waits as number[]);
}

/** Such as `1m, 5m, 30m, 2h, 1d`. */
export function writeSchedule(seconds: readonly number[]): string {
  return seconds.length === 0 ? 'none' : seconds.map(writeWait).join(', ');
}

function writeWait(seconds: number): string {
  const [unit, size] = (Object.entries(UNITS).reverse() as [string, number][]).find(
    ([, unitSeconds]) => seconds >= unitSeconds && seconds % unitSeconds === 0,
  ) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
