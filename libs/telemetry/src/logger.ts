import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { PrettyLines } from './pretty-lines.js';
import { redact } from './redact.js';

/** Structured fields of a log line. An error goes under the key `err`. */
export type Fields = Readonly<Record<string, unknown>>;

/** Messages are sentences without values; values are fields, so that lines can be searched. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  /** Only when a person has to act now: a failed attempt against a target is no error of ours. */
  error(message: string, fields?: Fields): void;
  child(fields: Fields): Logger;
}

export interface LoggerOptions {
  readonly service: string;
  /** `debug`, `info` (default), `warn`, `error` or `silent`. */
  readonly level?: string;
  /** One readable line instead of JSON, for a person at a terminal. */
  readonly pretty?: boolean;
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

/** JSON lines with level, ISO time, service and the ids of the active span; values under secret-like keys are redacted. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      messageKey: 'msg',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: activeIds,
    },
    options.pretty === true ? new PrettyLines(destination) : destination,
  );
  return new RedactingLogger(root);
}

class RedactingLogger implements Logger {
  readonly #pino: PinoLogger;

  constructor(logger: PinoLogger) {
    this.#pino = logger;
  }

  debug(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('debug')) this.#pino.debug(redact(fields), redact(message));
  }

  info(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('info')) this.#pino.info(redact(fields), redact(message));
  }

  warn(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('warn')) this.#pino.warn(redact(fields), redact(message));
  }

  error(message: string, fields?: Fields): void {
    if (this.#pino.isLevelEnabled('error')) this.#pino.error(redact(fields), redact(message));
  }

  child(fields: Fields): Logger {
    return new RedactingLogger(this.#pino.child(redact(fields)));
  }
}

/** Drops everything: for tests and for callers that have nothing to tell. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function activeIds(): Record<string, string> {
  const span = trace.getSpanContext(context.active());
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
