import { lazy, type ReactNode, Suspense } from 'react';
import { count, percent } from '../elements/figures.js';
import { SegmentedChoice } from '../elements/segmented-choice.js';
import { PERIODS, type Period, type ShownEndpoint } from './use-endpoint.js';

interface EndpointFiguresProps {
  stats: ShownEndpoint['stats'];
  /** Whether these are still of the period that was chosen before. */
  isOfOtherPeriod: boolean;
  period: Period;
  setPeriod: (period: Period) => void;
}

const CHART_HEIGHT = 150;

/** What draws them is a tenth of the whole dashboard: it comes when it is needed. */
const Chart = lazy(async () => ({ default: (await import('../elements/chart.js')).Chart }));

/** How deliveries ended and how fast the endpoint answered, in figures and over time. */
export function EndpointFigures({ stats, isOfOtherPeriod, period, setPeriod }: EndpointFiguresProps) {
  const { succeeded, failed, successRate, averageResponseTimeMs, p95ResponseTimeMs, series } = stats;
  const times = series.map(({ at }) => new Date(at));
  return (
    <section
      aria-label="Figures"
      aria-busy={isOfOtherPeriod}
      className={`endpoint__part${isOfOtherPeriod ? ' endpoint__part--other-period' : ''}`}
    >
      <div className="endpoint__part-header">
        <h2>Deliveries</h2>
        <SegmentedChoice label="Period" options={PERIODS} value={period} onChange={setPeriod} />
      </div>
      <dl className="figures">
        <Figure name="Success rate">{successRate === null ? '–' : percent(successRate)}</Figure>
        <Figure name="Succeeded">{count(succeeded)}</Figure>
        <Figure name="Failed">{count(failed)}</Figure>
        <Figure name="Response time">{milliseconds(averageResponseTimeMs)}</Figure>
        <Figure name="95 % within">{milliseconds(p95ResponseTimeMs)}</Figure>
      </dl>
      <div className="charts">
        <Suspense>
          <Chart
            summary={`Deliveries over time: ${count(succeeded)} succeeded, ${count(failed)} failed. The table below has each span.`}
            times={times}
            height={CHART_HEIGHT}
            format={count}
            series={[
              {
                label: 'Failed',
                // On top of what succeeded.
                values: series.map((point) => point.succeeded + point.failed),
                told: series.map((point) => point.failed),
                color: '--chart-bad',
                look: 'bars',
              },
              {
                label: 'Succeeded',
                values: series.map((point) => point.succeeded),
                color: '--chart-good',
                look: 'bars',
              },
            ]}
          />
          <Chart
            summary={`Response time over time: ${milliseconds(averageResponseTimeMs)} on average. The table below has each span.`}
            times={times}
            height={CHART_HEIGHT}
            format={milliseconds}
            series={[
              {
                label: 'Response time',
                values: series.map((point) => point.averageResponseTimeMs),
                color: '--chart-good',
                look: 'line',
              },
            ]}
          />
        </Suspense>
      </div>
      <AsTable series={series} period={period} />
    </section>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The same for those who do not see the charts, or want the numbers. */
function AsTable({ series, period }: { series: ShownEndpoint['stats']['series']; period: Period }) {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(period !== 'month' && { hour: '2-digit', minute: '2-digit' }),
  });
  const spans = series.filter(({ succeeded, failed, averageResponseTimeMs }) =>
    Boolean(succeeded || failed || averageResponseTimeMs),
  );
  return (
    <details>
      <summary>As a table</summary>
      {spans.length === 0 ? (
        <p className="quiet">Nothing was delivered in this period.</p>
      ) : (
        <table className="spans">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Succeeded</th>
              <th scope="col">Failed</th>
              <th scope="col">Response time</th>
            </tr>
          </thead>
          <tbody>
            {spans.toReversed().map(({ at, succeeded, failed, averageResponseTimeMs }) => (
              <tr key={at}>
                <th scope="row">{format.format(new Date(at))}</th>
                <td>{count(succeeded)}</td>
                <td>{count(failed)}</td>
                <td>{milliseconds(averageResponseTimeMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function milliseconds(value: number | null): string {
  if (value === null) return '–';
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}
