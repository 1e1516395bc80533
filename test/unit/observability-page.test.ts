import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TRACING_VARIABLES } from '../../src/config/tracing.js';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8');

describe('docs/observability.md', () => {
  it('tells of every metric', () => {
    const texts = ['metrics.ts', 'monitoring/watch-database.ts', 'monitoring/watch-live.ts'].map((file) =>
      readFileSync(join(ROOT, 'src', file), 'utf8'),
    );
    const names = texts.flatMap((text) => [...text.matchAll(/'(webhooks_[a-z_]+)'/g)].map(([, name]) => name!));

    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('tells of every line that is not about trouble', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'));
    const told = sources.flatMap((text) => [
      ...[...text.matchAll(/\blog\.(?:info|debug)\((?:[^;]*?),\s*'([^']+)',?\s*\);/g)].map(([, line]) => line!),
      ...[...text.matchAll(/\bdid: '([^']+)'|#tell\(\w+, '([^']+)'\)/g)].map(([, did, tell]) => did ?? tell!),
    ]);

    expect(new Set(told).size).toBeGreaterThan(15);
    expect(told.filter((line) => line !== 'socket failed' && !page.includes(`\`${line}\``))).toEqual([]);
  });

  it('tells of every attribute that a span has', () => {
    const texts = ['dispatch/trace-settled.ts', 'publishing/record-publish.ts'].map((file) =>
      readFileSync(join(ROOT, 'src', file), 'utf8'),
    );
    const attributes = texts.flatMap((text) => [...text.matchAll(/'([a-z]+\.[a-z_.]+)':/g)].map(([, name]) => name!));

    expect(attributes.length).toBeGreaterThan(20);
    expect(attributes.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('tells of every variable of OpenTelemetry that is read here', () => {
    const names = Object.keys(TRACING_VARIABLES).filter((name) => name !== 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL');
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
