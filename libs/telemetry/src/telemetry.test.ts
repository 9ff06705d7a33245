import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { METRIC_NAMES } from './metric-names.js';
import { metrics } from './metrics.js';
import { activeTraceparent, traceIdOf, withSpan } from './spans.js';
import { startTelemetry, type Telemetry } from './telemetry.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
const start = (): Telemetry => startTelemetry({ service: 'dispatcher', version: '1.2.3' });

let telemetry: Telemetry | undefined;
afterEach(async () => {
  await telemetry?.shutdown();
  telemetry = undefined;
});

describe('spans', () => {
  it('have ids and a traceparent without any exporter, and nest', async () => {
    telemetry = start();
    await withSpan('outer', {}, async (outer) => {
      expect(outer.traceparent).toMatch(TRACEPARENT);
      // Nobody collects them.
      expect(outer.traceparent).toMatch(/-00$/);
      expect(activeTraceparent()).toBe(outer.traceparent);
      await withSpan('inner', { kind: 'client', attributes: { n: 1 } }, async (inner) => {
        expect(inner.traceId).toBe(outer.traceId);
        expect(inner.traceparent).not.toBe(outer.traceparent);
      });
    });
    expect(activeTraceparent()).toBeUndefined();
  });

  it('go on from the traceparent that caused them, whatever is active', async () => {
    telemetry = start();
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await withSpan('other work', {}, async () =>
      withSpan('process', { kind: 'consumer', parent, links: [parent, 'malformed'] }, async (span) => {
        expect(span.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      }),
    );
  });

  it('begin a trace of their own after a malformed traceparent', async () => {
    telemetry = start();
    for (const parent of ['', 'garbage', '00-00000000000000000000000000000000-b7ad6b7169203331-01']) {
      await withSpan('process', { parent }, async (span) => expect(span.traceparent).toMatch(TRACEPARENT));
    }
  });

  it('have ids even where telemetry was never started', async () => {
    await withSpan('bare', {}, async (span) => {
      expect(span.traceparent).toMatch(TRACEPARENT);
      expect(traceIdOf(span.traceparent)).toBe(span.traceId);
    });
  });

  it('give back what the work gives and throw on what it throws', async () => {
    telemetry = start();
    expect(await withSpan('work', {}, async () => 42)).toBe(42);
    await expect(withSpan('work', {}, async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describe('metrics', () => {
  it('are shown in Prometheus text, also those that were named before telemetry started', async () => {
    const attempts = metrics.counter('provisioning.delivery.attempts');
    const end = metrics.gauge('provisioning.pending', () => [
      { value: 7, attributes: { sp_connection: 'slack-prod' } },
    ]);
    telemetry = start();
    attempts.add(2, { outcome: 'applied', target_type: 'scim', operation: 'create' });
    metrics.histogram('provisioning.delivery.age').record(0.3, { target_type: 'scim', lane: 'delta' });
    const text = await telemetry.metricsText();
    expect(text).toContain(
      'provisioning_delivery_attempts_total{outcome="applied",target_type="scim",operation="create"} 2',
    );
    expect(text).toContain('provisioning_pending{sp_connection="slack-prod"} 7');
    expect(text).toContain('provisioning_delivery_age_bucket{target_type="scim",lane="delta",le="0.25"} 0');
    expect(text).toContain('provisioning_delivery_age_bucket{target_type="scim",lane="delta",le="0.5"} 1');
    expect(text).toMatch(/target_info\{.*service_name="dispatcher".*service_version="1\.2\.3".*\} 1/);
    expect(text).toContain('process_memory_usage');
    end();
    expect(await telemetry.metricsText()).not.toContain('provisioning_pending{');
  });

  it('leave out a gauge whose reader fails, and show the rest', async () => {
    telemetry = start();
    const endings = [
      metrics.gauge('provisioning.failed', async () => Promise.reject(new Error('database away'))),
      metrics.gauge('provisioning.failed', () => [{ value: 1, attributes: { sp_connection: 'a' } }]),
    ];
    expect(await telemetry.metricsText()).toContain('provisioning_failed{sp_connection="a"} 1');
    endings.forEach((end) => end());
  });

  it('have a meaning and a unit each', () => {
    for (const [name, definition] of Object.entries(METRIC_NAMES)) {
      expect(name).toMatch(/^(provisioning|messaging|process|nodejs)\.[a-z0-9_.]+$/);
      expect(definition.meaning).toMatch(/[.]$/);
      expect(definition.unit).not.toBe('');
    }
  });
});

describe('startTelemetry', () => {
  it('gives the running telemetry at a second call', () => {
    telemetry = start();
    expect(startTelemetry({ service: 'mapping', version: '1' })).toBe(telemetry);
  });

  it('carries the trace to the services that are called', async () => {
    telemetry = start();
    const seen = Promise.withResolvers<IncomingMessage>();
    const server = createServer((request, response) => {
      seen.resolve(request);
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const traceId = await withSpan('call', { kind: 'client' }, async (span) => {
      await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/Users?filter=jdoe`)).text();
      return span.traceId;
    });
    expect(traceIdOf((await seen.promise).headers.traceparent as string)).toBe(traceId);
    expect(await telemetry.metricsText()).toContain('http_client_request_duration');
    server.closeAllConnections();
    server.close();
  });

  it('sends spans by OTLP where an endpoint is set', async () => {
    const bodies: Buffer[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks));
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      telemetry = start();
      await withSpan('told to the collector', {}, async () => undefined);
      await telemetry.shutdown();
      expect(Buffer.concat(bodies).toString('latin1')).toContain('told to the collector');
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
      server.closeAllConnections();
      server.close();
    }
  });
});
