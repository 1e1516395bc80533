import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import protobuf from 'protobufjs';
import { eventually } from './eventually.js';

/** A span as it arrived, in words. */
export interface CollectedSpan {
  name: string;
  kind: 'SERVER' | 'CLIENT';
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** Unix milliseconds. */
  startedAtMs: number;
  endedAtMs: number;
  attributes: Record<string, unknown>;
  status: { code: 'UNSET' | 'OK' | 'ERROR'; message: string };
  /** What is said of the process that sent it. */
  resource: Record<string, unknown>;
}

/** An HTTP server that takes traces as a collector of OpenTelemetry does. */
export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly requests: readonly { path: string; headers: IncomingHttpHeaders; bytes: Buffer }[];
  readonly spans: readonly CollectedSpan[];
  /** Resolves with the spans of that name, once there are so many. */
  collect(name: string, count: number): Promise<CollectedSpan[]>;
  /** What it answers from now on; null: nothing at all. */
  answer(status: number | null): void;
  close(): Promise<void>;
}

/** @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }`);
const Request = root.lookupType('Request');

const KINDS: Record<number, CollectedSpan['kind']> = { 2: 'SERVER', 3: 'CLIENT' };
const CODES = ['UNSET', 'OK', 'ERROR'] as const;

type KeyValues = { key: string; value?: Record<string, string | number | boolean> }[];

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValues;
  status?: { message: string; code: number };
}

/** Starts a collector on a free port of 127.0.0.1. It answers 200 until told otherwise. */
export async function startCollector(): Promise<Collector> {
  const requests: { path: string; headers: IncomingHttpHeaders; bytes: Buffer }[] = [];
  const spans: CollectedSpan[] = [];
  const sockets = new Set<Socket>();
  let status: number | null = 200;
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    requests.push({ path: request.url!, headers: request.headers, bytes });
    if (status === null) return;
    if (status === 200) spans.push(...decode(bytes));
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const named = (name: string) => spans.filter((span) => span.name === name);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    async collect(name, count) {
      await eventually(`${count} spans ${name}`, async () => named(name).length >= count);
      return named(name);
    },
    answer(next) {
      status = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function decode(bytes: Buffer): CollectedSpan[] {
  const options = { longs: String, bytes: String, defaults: true };
  const { resourceSpans } = Request.toObject(Request.decode(bytes), options) as {
    resourceSpans: { resource: { attributes: KeyValues }; scopeSpans: { spans: WireSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans.map((span) => toSpan(span, toRecord(resource.attributes)))),
  );
}

function toSpan(
  { name, kind, traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes, status }: WireSpan,
  resource: Record<string, unknown>,
): CollectedSpan {
  return {
    name,
    kind: KINDS[kind]!,
    traceId: toHex(traceId),
    spanId: toHex(spanId),
    parentSpanId: toHex(parentSpanId),
    startedAtMs: Number(BigInt(startTimeUnixNano) / 1_000_000n),
    endedAtMs: Number(BigInt(endTimeUnixNano) / 1_000_000n),
    attributes: toRecord(attributes),
    status: { code: CODES[status?.code ?? 0]!, message: status?.message ?? '' },
    resource,
  };
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function toRecord(pairs: KeyValues): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value = {} }) => [key, plain(value)]));
}

function plain({ intValue, ...rest }: Record<string, string | number | boolean>): unknown {
  return intValue === undefined ? Object.values(rest)[0] : Number(intValue);
}
