import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger, type Telemetry } from '@provisor/telemetry';
import { commonConfig } from './common-config.js';
import { defineConfig } from './config.js';
import type { HealthReport, RunningService, ServiceContext, ServiceDefinition } from './service.js';
import { startService, type StartedService, type HostConfig } from './start-service.js';

const telemetry: Telemetry = { metricsText: async () => 'things_total 1\n', shutdown: async () => undefined };
const config = defineConfig({ httpPort: commonConfig.httpPort, httpHost: commonConfig.httpHost });
const env = { HTTP_PORT: '0', HTTP_HOST: '127.0.0.1' };
const ready: HealthReport = { live: true, ready: true, details: { partitions: 3 } };

let started: StartedService | undefined;
afterEach(async () => {
  await started?.stop().catch(() => undefined);
  started = undefined;
});

const start = async (
  running: Partial<RunningService>,
  hooks: { onStart?: (context: ServiceContext<HostConfig>) => void; onFailed?: (error: unknown) => void } = {},
): Promise<StartedService> => {
  const definition: ServiceDefinition<HostConfig> = {
    name: 'mapping',
    config,
    start: async (context) => {
      hooks.onStart?.(context);
      return { health: async () => ready, stop: async () => undefined, ...running };
    },
  };
  started = await startService(definition, {
    env,
    log: silentLogger,
    telemetry,
    onFailed: hooks.onFailed ?? (() => undefined),
  });
  return started;
};
const get = async (path: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${started!.url}${path}`);
  return { status: response.status, body: await response.json() };
};

describe('the health server', () => {
  it('answers probes from the service’s own report, and shows metrics', async () => {
    await start({});
    expect(await get('/health/live')).toEqual({ status: 200, body: { service: 'mapping', live: true } });
    expect(await get('/health/ready')).toEqual({
      status: 200,
      body: { service: 'mapping', ready: true, details: { partitions: 3 } },
    });
    const metrics = await fetch(`${started!.url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toBe('things_total 1\n');
  });

  it('answers 503 where the report says no', async () => {
    await start({ health: async () => ({ live: false, ready: false, details: { database: 'away' } }) });
    expect(await get('/health/live')).toMatchObject({ status: 503 });
    expect(await get('/health/ready')).toMatchObject({ status: 503, body: { details: { database: 'away' } } });
  });

  it('stays alive but is not ready while the report fails or hangs', async () => {
    let health = async (): Promise<HealthReport> => Promise.reject(new Error('database away'));
    await start({ health: () => health() });
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    expect(await get('/health/ready')).toMatchObject({ status: 503, body: { details: { problem: 'database away' } } });
    health = () => new Promise(() => undefined);
    expect(await get('/health/ready')).toMatchObject({ status: 503 });
  });

  it('is alive and not ready while the service starts', async () => {
    const begun = Promise.withResolvers<ServiceContext<HostConfig>>();
    const go = Promise.withResolvers<void>();
    const urls: string[] = [];
    const log = {
      ...silentLogger,
      info: (_message: string, fields?: Readonly<Record<string, unknown>>) => void urls.push(String(fields?.health)),
    };
    const starting = startService(
      {
        name: 'mapping',
        config,
        start: async (context) => {
          begun.resolve(context);
          await go.promise;
          return { health: async () => ready, stop: async () => undefined };
        },
      },
      { env, log, telemetry, onFailed: () => undefined },
    );
    await begun.promise;
    expect((await fetch(`${urls[0]}/health/live`)).status).toBe(200);
    expect((await fetch(`${urls[0]}/health/ready`)).status).toBe(503);
    go.resolve();
    started = await starting;
    expect((await fetch(`${urls[0]}/health/ready`)).status).toBe(200);
  });
});

describe('mounted paths', () => {
  it('go to the service’s handler, with everything below them and nothing beside them', async () => {
    await start(
      {},
      { onStart: (context) => context.mount('/v1', (request, response) => response.end(JSON.stringify(request.url))) },
    );
    expect(await get('/v1')).toEqual({ status: 200, body: '/v1' });
    expect(await get('/v1/things?a=1')).toEqual({ status: 200, body: '/v1/things?a=1' });
    expect(await get('/v11')).toMatchObject({ status: 404 });
  });
});

describe('stopping', () => {
  it('is not ready at once, waits for the drain, and closes the server', async () => {
    const drained = Promise.withResolvers<void>();
    const service = await start({ stop: () => drained.promise });
    const { url } = service;
    const stopping = service.stop();
    expect(await get('/health/ready')).toMatchObject({ status: 503, body: { details: { phase: 'stopping' } } });
    expect(service.stop()).toBe(stopping);
    drained.resolve();
    await stopping;
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});

describe('a start that fails', () => {
  it('leaves the port free and gives the service’s own error', async () => {
    const failing = startService(
      { name: 'mapping', config, start: async () => Promise.reject(new Error('no database')) },
      { env, log: silentLogger, telemetry, onFailed: () => undefined },
    );
    await expect(failing).rejects.toThrow('no database');
  });

  it('names what is wrong with the environment before anything is opened', async () => {
    const failing = startService(
      { name: 'mapping', config, start: async () => Promise.reject(new Error('never')) },
      { env: { HTTP_PORT: 'x' }, log: silentLogger, telemetry, onFailed: () => undefined },
    );
    await expect(failing).rejects.toThrow('HTTP_PORT is "x" but must be: a port number');
  });
});

describe('fail', () => {
  it('is told once, whatever goes on failing', async () => {
    const failures: unknown[] = [];
    let context: ServiceContext<HostConfig> | undefined;
    await start({}, { onStart: (given) => (context = given), onFailed: (error) => void failures.push(error) });
    context!.fail('first');
    context!.fail('second');
    expect(failures).toEqual(['first']);
  });
});
