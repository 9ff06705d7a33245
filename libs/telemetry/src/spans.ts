import { randomBytes } from 'node:crypto';
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface ActiveSpan {
  /** W3C Trace Context header value, to be carried by whatever this work causes. */
  readonly traceparent: string;
  readonly traceId: string;
  set(attributes: SpanAttributes): void;
  /** Marks the span as failed. For failures that are values: a thrown error does so by itself. */
  fail(error: unknown): void;
}

export interface SpanOptions {
  readonly kind?: 'internal' | 'producer' | 'consumer' | 'client';
  readonly attributes?: SpanAttributes;
  /** traceparent of what caused this work; the active span unless given. */
  readonly parent?: string;
  /** traceparents of other causes, of which at most 128 are kept. */
  readonly links?: readonly string[];
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
} as const;
const MAX_LINKS = 128;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

/** Runs `work` inside a span. What it throws is recorded on the span and thrown on. */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: ActiveSpan) => Promise<T>,
): Promise<T> {
  const parent = options.parent === undefined ? context.active() : parentContext(options.parent);
  const started = trace.getTracer('provisor').startSpan(
    name,
    {
      kind: KINDS[options.kind ?? 'internal'],
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      links: linksTo(options.links ?? []),
    },
    parent,
  );
  const span = isSpanContextValid(started.spanContext()) ? started : trace.wrapSpanContext(newSpanContext());
  const active = activeSpan(span);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(active));
  } catch (error) {
    active.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** traceparent of the active span, or undefined outside of any. */
export function activeTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  return span !== undefined && isSpanContextValid(span) ? format(span) : undefined;
}

/** The 32 hexadecimal digits of a traceparent, or undefined if it is malformed. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent === undefined ? undefined : parse(traceparent)?.traceId;
}

function activeSpan(span: Span): ActiveSpan {
  const spanContext = span.spanContext();
  return {
    traceparent: format(spanContext),
    traceId: spanContext.traceId,
    set: (attributes) => void span.setAttributes(attributes),
    fail: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      span.setAttribute('error.type', error instanceof Error ? error.name : 'Error');
      if (error instanceof Error) span.recordException(error);
    },
  };
}

function parentContext(traceparent: string): Context {
  const parent = parse(traceparent);
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}

function linksTo(traceparents: readonly string[]): Link[] {
  const contexts = traceparents.slice(0, MAX_LINKS).map(parse);
  return contexts.filter((linked) => linked !== undefined).map((linked) => ({ context: linked }));
}

/** W3C Trace Context, section 3.2: later versions are read as version 00. */
function parse(traceparent: string): SpanContext | undefined {
  const match = TRACEPARENT.exec(traceparent.trim());
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  const parsed: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(parsed) ? parsed : undefined;
}

function format(span: SpanContext): string {
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** For a process without telemetry: ids exist all the same, because results and timelines show them. */
function newSpanContext(): SpanContext {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.NONE,
  };
}
