import type { DestinationStream } from 'pino';

type Line = Record<string, unknown> & { level: string; time: string; msg?: string };

/** Turns pino's JSON lines into `12:00:01.234 info  service: message key=value`, for a person at a terminal. */
export class PrettyLines implements DestinationStream {
  readonly #destination: DestinationStream;

  constructor(destination: DestinationStream) {
    this.#destination = destination;
  }

  write(json: string): void {
    this.#destination.write(`${readable(JSON.parse(json) as Line)}\n`);
  }
}

function readable(line: Line): string {
  const { level, time, service, msg, err, trace_id: traceId, ...fields } = line;
  const pairs = Object.entries(fields)
    .filter(([key]) => key !== 'span_id')
    .map(([key, value]) => `${key}=${text(value)}`);
  if (typeof traceId === 'string') pairs.push(`trace=${traceId}`);
  const head = `${time.slice(11, 23)} ${level.padEnd(5)} ${text(service)}: ${msg ?? ''}`;
  return [head, ...pairs].join(' ').trimEnd() + (err === undefined ? '' : `\n  ${errorText(err)}`);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function errorText(err: unknown): string {
  const { stack, message } = err as { stack?: string; message?: string };
  return (stack ?? message ?? text(err)).replaceAll('\n', '\n  ');
}
