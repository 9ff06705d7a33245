import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger, Telemetry } from '@provisor/telemetry';
import { HealthModule } from './health.module.js';
import type { HealthMonitor } from './health-monitor.js';
import type { RequestHandler } from '../service.js';
import { NestLogger } from './nest-logger.js';

export interface HealthServer {
  /** `http://host:port`. */
  readonly url: string;
  /** Gives everything at and below a path to a handler of the service's own. */
  mount(prefix: string, handler: RequestHandler): void;
  close(): Promise<void>;
}

export interface HealthServerOptions {
  readonly service: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly monitor: HealthMonitor;
  readonly telemetry: Telemetry;
  readonly log: Logger;
}

/** GET /health/live, /health/ready and /metrics. Rejects if the port is taken. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { service, monitor, telemetry, log, host, port } = options;
  const mounts = new Map<string, RequestHandler>();
  const app = await NestFactory.create<NestFastifyApplication>(
    HealthModule.with({ service, monitor, telemetry }),
    // A keep-alive connection of a scraper must not hold up the shutdown.
    new FastifyAdapter({ forceCloseConnections: true }),
    { logger: new NestLogger(log), abortOnError: false },
  );
  handOver(app, mounts);
  await app.listen(port, host);
  return {
    url: await app.getUrl(),
    mount: (prefix, handler) => void mounts.set(prefix, handler),
    close: () => app.close(),
  };
}

/** Before anything of a request but its head is read, so that the handler may set its own bounds. */
function handOver(app: NestFastifyApplication, mounts: ReadonlyMap<string, RequestHandler>): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      const path = request.url.split('?', 1)[0] ?? '';
      const mount = [...mounts].find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
      if (!mount) return done();
      reply.hijack();
      mount[1](request.raw, reply.raw);
    });
}
