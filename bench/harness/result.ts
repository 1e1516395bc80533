import { median } from './statistics.js';

/** What a figure must be. `of: 'ratio'` is of the figure to its ceiling. */
export interface Target {
  atLeast?: number;
  atMost?: number;
  of?: 'figure' | 'ratio';
}

/** One line of the table: a figure from several runs, beside what bounds it and what it has to reach. */
export interface Result {
  /** What was measured, such as `to 1 endpoint`. */
  what: string;
  unit: string;
  /** One value per run. */
  runs: readonly number[];
  /** What cannot be beaten, or what it is compared with; measured in the same runs. */
  ceiling?: { what: string; runs: readonly number[] };
  targets?: readonly Target[];
}

/** How a figure stands to one of its targets. */
export interface Verdict {
  target: string;
  isMet: boolean;
  /** Such as `met` or `short by 4 %`. */
  verdict: string;
}

export function ratioOf({ runs, ceiling }: Result): number | null {
  return ceiling ? median(runs) / median(ceiling.runs) : null;
}

export function judge(result: Result): Verdict[] {
  return (result.targets ?? []).map(({ atLeast, atMost, of = 'figure' }) => {
    const value = of === 'ratio' ? ratioOf(result)! : median(result.runs);
    const [sign, bound] = atLeast !== undefined ? ['≥', atLeast] : ['≤', atMost!];
    const isMet = atLeast !== undefined ? value >= bound : value <= bound;
    const distance = Math.abs(value - bound) / bound;
    const words = atLeast !== undefined ? 'short by' : 'over by';
    return {
      target: `${of === 'ratio' ? 'ratio ' : ''}${sign} ${format(bound)}`,
      isMet,
      verdict: isMet ? 'met' : `${words} ${bound === 0 ? format(value) : `${(distance * 100).toFixed(0)} %`}`,
    };
  });
}

/** Three significant digits, thousands apart. */
export function format(value: number): string {
  if (Number.isNaN(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(3, digits) });
}
