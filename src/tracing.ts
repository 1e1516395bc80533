/** What a span may say about itself; `undefined` is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanStart {
  readonly name: string;
  /** `server`: somebody asked us; `client`: we asked somebody. */
  readonly kind: 'server' | 'client';
  /** The `traceparent` of what it belongs to; a trace of its own without, or when it is none. */
  readonly parent: string | null | undefined;
  /** By the database's clock, so that processes agree on what came first. */
  readonly startedAt: Date;
  readonly attributes: SpanAttributes;
}

export interface SpanEnd {
  readonly endedAt: Date;
  readonly attributes?: SpanAttributes;
  /** What went wrong, in words without values of callers or receivers. */
  readonly error?: string;
}

/** A step of a trace that has begun. */
export interface Span {
  /** By which steps that follow, in whichever process, name it as what they belong to. */
  readonly traceParent: string;
  end(end: SpanEnd): void;
}

/** Where traces go. Whoever may have none, `null`, does nothing for them. */
export interface Tracing {
  start(span: SpanStart): Span;
}

/** The id of the trace that a `traceparent` belongs to, as log lines name it. */
export function traceIdOf(traceParent: string | null | undefined): string | undefined {
  return traceParent?.split('-')[1];
}
