import { z } from 'zod';

/** How it is decided whether a trace is kept. */
export type SamplerName = (typeof SAMPLERS)[number];

/** How traces are told to a collector of OpenTelemetry. */
export interface TracingSettings {
  readonly sampler: SamplerName;
  /** The part of traces that is kept, where the sampler goes by that: 0 to 1. */
  readonly ratio: number;
  /** How long spans gather before they are sent. */
  readonly batchDelayMs: number;
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const lowerCase = (text: unknown) => (typeof text === 'string' ? text.toLowerCase() : text);

const collector = z.string().refine(isHttpUrl, {
  error: 'is not an http: or https: URL without a user; give that of a collector, such as http://127.0.0.1:4318',
});

const protocol = z.literal('http/protobuf', {
  error:
    'asks for another protocol than is spoken here; give http/protobuf, and the port of the collector for it, often 4318',
});

/**
 * What is understood here of the variables that OpenTelemetry knows. The rest of `OTEL_EXPORTER_OTLP_*` and of what describes the
 * service is read by its own libraries.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const TRACING_VARIABLES = {
  OTEL_SDK_DISABLED: z.preprocess(lowerCase, z.string().optional()),
  OTEL_TRACES_EXPORTER: z.preprocess(
    lowerCase,
    z.enum(['otlp', 'none'], { error: 'is not an exporter that there is here; give otlp or none' }).optional(),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_TRACES_SAMPLER: z.preprocess(
    lowerCase,
    z
      .enum(SAMPLERS, { error: `is not a sampler that there is here; give one of ${SAMPLERS.join(', ')}` })
      .default('parentbased_always_on'),
  ),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0?\.\d+|0|1|1\.0+)$/, 'is not a part of all traces; give a number of 0 to 1, such as 0.1')
    .transform(Number)
    .default(1),
  OTEL_BSP_SCHEDULE_DELAY: z
    .string()
    .regex(/^\d{1,6}$/, 'is not a time in milliseconds; give one such as 5000')
    .transform(Number)
    .default(5_000),
};

const Variables = z.object(TRACING_VARIABLES);

/** Null while nobody has said where traces go, or while they are switched off: a name alone, say, sends nothing anywhere. */
export function toTracingSettings(variables: z.output<typeof Variables>): TracingSettings | null {
  const isWanted =
    variables.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined ||
    variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined ||
    variables.OTEL_TRACES_EXPORTER === 'otlp';
  const isOff = variables.OTEL_SDK_DISABLED === 'true' || variables.OTEL_TRACES_EXPORTER === 'none';
  if (!isWanted || isOff) return null;
  return {
    sampler: variables.OTEL_TRACES_SAMPLER,
    ratio: variables.OTEL_TRACES_SAMPLER_ARG,
    batchDelayMs: variables.OTEL_BSP_SCHEDULE_DELAY,
  };
}

/** A user would be shown wherever the address is: credentials belong into `OTEL_EXPORTER_OTLP_HEADERS`. */
function isHttpUrl(text: string): boolean {
  const { protocol, username, password } = URL.parse(text) ?? {};
  return (protocol === 'http:' || protocol === 'https:') && !username && !password;
}
