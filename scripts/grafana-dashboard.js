// Writes docs/monitoring/grafana-dashboard.json: the panels are a table here, and a thousand lines there.
import { writeFileSync } from 'node:fs';

const RATE = '[$__rate_interval]';

/** Title, unit, width of 24, and what is drawn: expression and legend. */
const ROWS = [
  [
    ['Oldest due delivery', 's', 6, [['max(webhooks_oldest_due_delivery_age_seconds)', 'age']]],
    ['Due', 'short', 6, [['max(webhooks_deliveries_due)', 'due']]],
    ['Held', 'short', 6, [['max(webhooks_deliveries_held)', 'held']]],
    ['Endpoints', 'short', 6, [['max by (status) (webhooks_endpoints)', '{{status}}']]],
  ],
  [
    ['Published', 'ops', 8, [[`sum(rate(webhooks_events_published_total${RATE}))`, 'events']]],
    ['Attempts by outcome', 'ops', 8, [[`sum by (outcome) (rate(webhooks_attempts_total${RATE}))`, '{{outcome}}']]],
    ['Deliveries failed for good', 'ops', 8, [[`sum(rate(webhooks_deliveries_failed_total${RATE}))`, 'failed']]],
  ],
  [
    ['From publishing to the first attempt', 's', 12, quantiles('webhooks_first_attempt_latency_seconds')],
    ['Duration of attempts', 's', 12, quantiles('webhooks_attempt_duration_seconds')],
  ],
  [
    [
      'Sockets and subscriptions',
      'short',
      8,
      [
        ['sum(webhooks_sockets)', 'sockets'],
        ['sum(webhooks_subscriptions)', 'subscriptions'],
      ],
    ],
    ['Lag of live updates', 's', 8, [['max by (instance) (webhooks_feed_lag_seconds)', '{{instance}}']]],
    ['Errors to callers', 'ops', 8, [[`sum by (code) (rate(webhooks_graphql_errors_total${RATE}))`, '{{code}}']]],
  ],
  [
    [
      'Database connections',
      'short',
      8,
      [['sum by (pool, state) (webhooks_database_connections)', '{{pool}} {{state}}']],
    ],
    ['CPU', 'percentunit', 8, [[`rate(process_cpu_seconds_total{job="revkeen-webhooks"}${RATE})`, '{{instance}}']]],
    ['Memory', 'bytes', 8, [['process_resident_memory_bytes{job="revkeen-webhooks"}', '{{instance}}']]],
  ],
];

const PANEL_HEIGHT = 7;

function quantiles(name) {
  return [0.5, 0.95, 0.99].map((q) => [
    `histogram_quantile(${q}, sum by (le) (rate(${name}_bucket${RATE})))`,
    `p${q * 100}`,
  ]);
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder.
const datasource = { type: 'prometheus', uid: '${datasource}' };

const panels = ROWS.flatMap((row, y) => {
  let x = 0;
  return row.map(([title, unit, w, targets]) => {
    const gridPos = { x, y: y * PANEL_HEIGHT, w, h: PANEL_HEIGHT };
    x += w;
    return {
      type: 'timeseries',
      title,
      datasource,
      gridPos,
      fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 8, lineWidth: 1 } }, overrides: [] },
      options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
      targets: targets.map(([expr, legendFormat], index) => ({
        refId: String.fromCharCode(65 + index),
        datasource,
        expr,
        legendFormat,
      })),
    };
  });
});

const dashboard = {
  title: 'RevKeen Webhooks',
  uid: 'revkeen-webhooks',
  tags: ['webhooks'],
  schemaVersion: 39,
  editable: true,
  refresh: '10s',
  time: { from: 'now-1h', to: 'now' },
  templating: { list: [{ type: 'datasource', name: 'datasource', query: 'prometheus', label: 'Prometheus' }] },
  panels: panels.map((panel, index) => ({ id: index + 1, ...panel })),
};

writeFileSync(
  new URL('../docs/monitoring/grafana-dashboard.json', import.meta.url),
  `${JSON.stringify(dashboard, null, 2)}\n`,
);
