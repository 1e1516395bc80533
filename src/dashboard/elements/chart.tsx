import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useMediaQuery } from './media-query.js';

export interface ChartSeries {
  label: string;
  /** One for each time; null leaves a gap. */
  values: readonly (number | null)[];
  /** What the legend tells of each time, where that is not how tall it is drawn. */
  told?: readonly (number | null)[];
  /** A colour of the theme, such as `--chart-good`. */
  color: string;
  look: 'bars' | 'line';
}

interface ChartProps {
  /** What it shows, in a sentence, for those who do not see it. */
  summary: string;
  times: readonly Date[];
  /** Bars are drawn over one another: give the taller first. */
  series: readonly ChartSeries[];
  height: number;
  format?: (value: number) => string;
}

/** Values over time. Drawn once; what changes afterwards is handed to it. */
export function Chart({ summary, times, series, height, format = String }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(series);
  const isDark = useMediaQuery('(prefers-color-scheme: dark)');
  const data: uPlot.AlignedData = [times.map((at) => at.getTime() / 1_000), ...series.map(({ values }) => [...values])];
  const shape = JSON.stringify(series.map(({ label, color, look }) => [label, color, look]));

  // `shape` stands for what does not change while it is drawn.
  useEffect(() => {
    const element = box.current!;
    const told = (seriesIndex: number, index: number | null) => {
      const { values, told: others = values } = latest.current[seriesIndex - 1]!;
      return index === null ? null : (others[index] ?? null);
    };
    const made = new uPlot(optionsFor(element, { series, height, format, told }), data, element);
    chart.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resizing.observe(element);
    const theming = new MutationObserver(() => made.redraw(false));
    theming.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      resizing.disconnect();
      theming.disconnect();
      made.destroy();
    };
  }, [shape, height]);
  useEffect(() => {
    latest.current = series;
    chart.current?.setData(data);
  });
  // Colours are looked up as it is drawn; what is drawn stays.
  useEffect(() => chart.current?.redraw(false), [isDark]);
  return <div ref={box} role="img" aria-label={summary} className="chart" />;
}

interface Drawn {
  series: readonly ChartSeries[];
  height: number;
  format: (value: number) => string;
  told: (seriesIndex: number, index: number | null) => number | null;
}

function optionsFor(element: HTMLElement, { series, height, format, told }: Drawn): uPlot.Options {
  const color = (name: string) => () => resolveColor(element, name);
  const axis = { stroke: color('--text-faint'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    legend: { live: true },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 64, values: (_chart, values) => describeTimes(values) },
      { ...axis, size: 48, values: (_chart, values) => values.map((value) => (value % 1 ? '' : format(value))) },
    ],
    series: [
      { label: 'From', value: (_chart, value: number | null) => (value === null ? '' : MOMENT.format(value * 1_000)) },
      ...series.map(({ label, color: name, look }) => ({
        label,
        stroke: color(name),
        value: (_chart: uPlot, _value: number | null, seriesIndex: number, index: number | null) => {
          const value = told(seriesIndex, index);
          if (index === null) return '';
          return value === null ? '–' : format(value);
        },
        // A value between gaps would not be seen as part of a line.
        points: { show: look === 'line', size: 4, fill: color(name) },
        ...(look === 'bars'
          ? { fill: color(name), width: 0, paths: uPlot.paths.bars!({ size: [0.7, 24] }) }
          : { width: 1.5, spanGaps: false }),
      })),
    ],
  };
}

const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const MOMENT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** Seconds on the axis of times: the hour, or the day where that begins. */
function describeTimes(seconds: readonly number[]): string[] {
  const isWithinDays = seconds.length > 1 && seconds[1]! - seconds[0]! < 86_400;
  return seconds.map((second) => {
    const at = new Date(second * 1_000);
    return isWithinDays && (at.getHours() !== 0 || at.getMinutes() !== 0) ? HOUR.format(at) : DAY.format(at);
  });
}

/** A canvas knows no variables, and what is written in one may be a choice between light and dark. */
function resolveColor(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
