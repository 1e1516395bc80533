import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { findPrometheus, startPrometheus } from '../support/prometheus.js';
import { type Setup, setUp } from '../support/service.js';

const FOLDER = resolve(import.meta.dirname, '../../docs/monitoring');
const RULES_FILE = resolve(FOLDER, 'alerts.yml');

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

const rules = readFileSync(RULES_FILE, 'utf8');
const dashboard = JSON.parse(readFileSync(resolve(FOLDER, 'grafana-dashboard.json'), 'utf8')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

let setup: Setup;

beforeAll(async () => {
  setup = await setUp({ env: { METRICS_PORT: '0' } });
});

afterAll(async () => setup[Symbol.asyncDispose]());

it('watches nothing that the service does not tell', async () => {
  const text = await (await fetch(setup.service.metricsUrl!)).text();
  const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const watched = [rules, ...expressions].flatMap((one) => one.match(/\b(webhooks|process)_\w+/g) ?? []);
  const unknown = watched.filter((name) => !told.has(name) && !told.has(name.replace(/_bucket$/, '')));
  expect(new Set(unknown)).toEqual(new Set());
  expect(watched.length).toBeGreaterThan(20);
});

const prometheus = findPrometheus();
if (!prometheus) console.log('No Prometheus here, so the alert rules were not tried: apt-get install prometheus.');

describe('a real Prometheus', () => {
  (prometheus ? it : it.skip)('evaluates every alert rule and every panel', async () => {
    const { api, receiver, service } = setup;
    await using watching = await startPrometheus(prometheus!, {
      metricsUrl: service.metricsUrl!,
      rulesFile: RULES_FILE,
    });
    await api.createEndpoint({ url: receiver.url, allEvents: true });
    await api.publishEvent('invoice.paid');

    await eventually('the event in Prometheus', async () => {
      const [count] = await watching.query('sum(webhooks_attempts_total{outcome="SUCCEEDED"})');
      return count === 1;
    });
    for (const expression of expressions) {
      await eventually(expression, async () => {
        const values = await watching.query(expression.replaceAll('$__rate_interval', '1m'));
        // Of what has not happened yet there is no sample with a label.
        return values.length > 0 || /graphql_errors/.test(expression);
      });
    }
    const evaluated = await watching.rules();
    expect(evaluated).toHaveLength(rules.match(/- alert:/g)!.length);
    expect(evaluated.filter(({ lastError }) => lastError)).toEqual([]);
  });
});
