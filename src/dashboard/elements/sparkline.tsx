import './sparkline.css';

interface Point {
  succeeded: number;
  failed: number;
}

const STEP = 4;
const BAR = 3;
const HEIGHT = 22;

/** A bar for each point: what succeeded, and on top of it what failed. What it shows is said in words, too. */
export function Sparkline({ points, label }: { points: readonly Point[]; label: string }) {
  const most = Math.max(1, ...points.map(({ succeeded, failed }) => succeeded + failed));
  // A single delivery beside thousands is still to be seen.
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(2, Math.round((count / most) * HEIGHT)));
  const bars = points.map(({ succeeded, failed }, index) => {
    const bad = heightOf(failed);
    const good = Math.min(heightOf(succeeded), HEIGHT - bad);
    return { x: index * STEP, good, bad };
  });
  const width = points.length * STEP - 1;
  return (
    <svg className="sparkline" role="img" aria-label={label} width={width} height={HEIGHT + 1}>
      <path className="sparkline__base" d={`M0 ${HEIGHT + 0.5}H${width}`} />
      <path className="sparkline__good" d={bars.map(({ x, good }) => bar(x, HEIGHT - good, good)).join('')} />
      <path className="sparkline__bad" d={bars.map(({ x, good, bad }) => bar(x, HEIGHT - good - bad, bad)).join('')} />
    </svg>
  );
}

function bar(x: number, y: number, height: number): string {
  return height > 0 ? `M${x} ${y}h${BAR}v${height}h-${BAR}z` : '';
}
