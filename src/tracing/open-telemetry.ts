import { randomUUID } from 'node:crypto';
import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SamplerName, TracingSettings } from '../config/config.js';
import type { Log } from '../log.js';
import type { Span, SpanEnd, SpanStart, Tracing } from '../tracing.js';
import { VERSION } from '../version.js';
import { WarningExporter } from './warning-exporter.js';

const NAME = 'revkeen-webhooks';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT };

/**
 * Traces by the SDK of OpenTelemetry. Spans wait in memory, at most 2,048 of them, and go to the collector in the background;
 * what does not fit is dropped. Where the collector is and how it is spoken to, its libraries read from `OTEL_EXPORTER_OTLP_*`.
 */
export function startOpenTelemetry(
  { sampler, ratio, batchDelayMs }: TracingSettings,
  log: Log,
): { tracing: Tracing; flush(): Promise<void> } {
  const exporter = new WarningExporter(new OTLPTraceExporter(), log);
  const provider = new TracerProvider({
    resource: resource(),
    sampler: SAMPLERS[sampler](ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: batchDelayMs })],
  });
  const tracer = provider.getTracer(NAME, VERSION);
  return {
    tracing: {
      start({ name, kind, parent, startedAt, attributes }: SpanStart): Span {
        const remote = parent ? parseTraceParent(parent) : null;
        const context = remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT;
        const span = tracer.startSpan(name, { kind: KINDS[kind], startTime: startedAt, attributes }, context);
        return {
          traceParent: toTraceParent(span.spanContext()),
          end({ endedAt, attributes = {}, error }: SpanEnd) {
            span.setAttributes(attributes);
            if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
            span.end(endedAt);
          },
        };
      },
    },
    // What cannot be told any more was warned of by then.
    flush: () => provider.shutdown().catch(() => {}),
  };
}

/** @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
const SAMPLERS: Record<SamplerName, (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/** Who tells: this service and version, unless `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say otherwise. */
function resource() {
  const own = resourceFromAttributes({
    'service.name': NAME,
    'service.version': VERSION,
    'service.instance.id': randomUUID(),
  });
  const said = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  return defaultResource().merge(own).merge(said);
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
function toTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}
