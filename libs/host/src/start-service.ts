import type { Logger, Telemetry } from '@provisor/telemetry';
import { systemClock, type Clock } from './clock.js';
import type { CommonConfig } from './common-config.js';
import type { Environment } from './config.js';
import { HealthMonitor } from './http/health-monitor.js';
import { serveHealth, type HealthServer } from './http/serve-health.js';
import type { HealthReport, RequestHandler, RunningService, ServiceDefinition } from './service.js';
import { within } from './within.js';

/** What the shell itself needs of a service's configuration. */
export type HostConfig = Pick<CommonConfig, 'httpHost' | 'httpPort'>;

export interface StartOptions {
  readonly env: Environment;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly clock?: Clock;
  /** Called at most once, when the service reports that it cannot go on. */
  readonly onFailed: (error: unknown) => void;
  /** False if somebody else shows the service's health: several services in one process. */
  readonly serveHealth?: boolean;
  /** Where the service's own HTTP paths go if it has no server of its own; not served unless given. */
  mount?(prefix: string, handler: RequestHandler): void;
}

export interface StartedService {
  readonly name: string;
  /** Where health and metrics are served, if they are. */
  readonly url: string | undefined;
  health(): Promise<HealthReport>;
  /** Not ready at once, then drained, then closed. Rejects if draining takes longer than 25 s. */
  stop(): Promise<void>;
}

/** What is in flight is finished within this time: below the 30 s that are promised and the 60 s that Kubernetes grants. */
export const DRAIN_MS = 25_000;

/**
 * Starts a service with its health server. The server comes first, so that a service that waits for its database is seen to be
 * alive and not ready. Rejects with the service's own error; nothing stays open then.
 */
export async function startService<C extends HostConfig>(
  definition: ServiceDefinition<C>,
  options: StartOptions,
): Promise<StartedService> {
  const config = definition.config.parse(options.env);
  const monitor = new HealthMonitor();
  const { log, telemetry, env, clock = systemClock } = options;
  const server =
    options.serveHealth === false
      ? undefined
      : await serveHealth({
          service: definition.name,
          host: config.httpHost,
          port: config.httpPort,
          monitor,
          telemetry,
          log,
        });
  log.info('Service starts', { config: definition.config.summary(config), ...(server && { health: server.url }) });
  let failed = false;
  const fail = (error: unknown): void => {
    if (failed) return;
    failed = true;
    options.onFailed(error);
  };
  const mount = (prefix: string, handler: RequestHandler): void =>
    server ? server.mount(prefix, handler) : options.mount?.(prefix, handler);
  try {
    const running = await definition.start({ config, log, clock, env, fail, mount });
    monitor.started(() => running.health());
    return new DrainableService({ name: definition.name, running, monitor, server });
  } catch (error) {
    await server?.close();
    throw error;
  }
}

interface DrainableParts {
  readonly name: string;
  readonly running: RunningService;
  readonly monitor: HealthMonitor;
  readonly server: HealthServer | undefined;
}

class DrainableService implements StartedService {
  readonly #parts: DrainableParts;
  #stopped: Promise<void> | undefined;

  constructor(parts: DrainableParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get url(): string | undefined {
    return this.#parts.server?.url;
  }

  health(): Promise<HealthReport> {
    return this.#parts.monitor.report();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { name, monitor, running, server } = this.#parts;
    monitor.stopping();
    try {
      await within(DRAIN_MS, running.stop(), `${name} did not finish its work in flight within 25 s.`);
    } finally {
      await server?.close();
    }
  }
}
