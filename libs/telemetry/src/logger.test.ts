import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from './logger.js';
import { withSpan } from './spans.js';
import { startTelemetry } from './telemetry.js';

const capture = (options: Partial<LoggerOptions> = {}) => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ service: 'mapping', level: 'debug', destination, ...options });
  const objects = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, objects };
};

describe('createLogger', () => {
  it('writes one JSON object per line with level, time, service and fields', () => {
    const { log, objects } = capture();
    log.child({ spConnection: 'slack-prod' }).warn('Target throttles', { waitMs: 1200 });
    expect(objects()).toEqual([
      expect.objectContaining({
        level: 'warn',
        service: 'mapping',
        msg: 'Target throttles',
        spConnection: 'slack-prod',
        waitMs: 1200,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      }),
    ]);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info('quiet');
    expect(lines).toEqual([]);
  });

  it('redacts at any depth, in children and in the message', () => {
    const { log, lines } = capture();
    log.child({ auth: { token: 'tok-1' } }).error('postgres://user:pass-1@db/provisor is away', {
      err: new Error('connect to amqp://u:pass-2@host failed', { cause: { password: 'pass-3' } }),
      headers: { Authorization: 'Bearer tok-2' },
    });
    expect(lines.join()).not.toMatch(/tok-|pass-/);
    expect(lines.join()).toContain('postgres://[redacted]@db/provisor is away');
  });

  it('names the active span', async () => {
    const telemetry = startTelemetry({ service: 'mapping', version: '0' });
    const { log, objects } = capture();
    const traceId = await withSpan('map', {}, async (span) => {
      log.info('inside');
      return span.traceId;
    });
    log.info('outside');
    expect(objects()[0]).toMatchObject({ trace_id: traceId, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(objects()[1]).not.toHaveProperty('trace_id');
    await telemetry.shutdown();
  });

  it('writes readable lines for a person', () => {
    const { log, lines } = capture({ pretty: true });
    log.info('Service is running', { port: 3000 });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}mapping: Service is running port=3000\n$/);
  });
});
