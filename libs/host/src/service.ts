import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@provisor/telemetry';
import type { Clock } from './clock.js';
import type { ConfigSpec, Environment } from './config.js';

/** One service: what it is called, what it reads from the environment and how it starts. */
export interface ServiceDefinition<C> {
  /** `mapping`, `dispatcher`, …: in logs, metrics, client ids. */
  readonly name: string;
  readonly config: ConfigSpec<C>;
  /** Rejects with a sentence for a person if the service cannot start. */
  start(context: ServiceContext<C>): Promise<RunningService>;
}

export interface ServiceContext<C> {
  readonly config: C;
  readonly log: Logger;
  readonly clock: Clock;
  /** The environment that `config` was read from, for secrets that documents name by variable. */
  readonly env: Environment;
  /** Reports what the service cannot recover from: it is stopped and the process ends with exit code 1. */
  fail(error: unknown): void;
  /** Gives everything at and below `prefix`, such as `/v1`, on the port of health and metrics to `handler`. */
  mount(prefix: string, handler: RequestHandler): void;
}

/** Answers an HTTP request; for Fastify it is `instance.routing`. Reads the body itself. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface RunningService {
  /** Answers within a second, without waiting for anything that may hang. */
  health(): Promise<HealthReport>;
  /** Takes no new work, finishes what is in flight within 25 s and closes what it opened. */
  stop(): Promise<void>;
}

export interface HealthReport {
  /** False only if a restart would help. A broker or database that is away is no such reason. */
  readonly live: boolean;
  readonly ready: boolean;
  /** For people: shown at /health/ready. No secrets. */
  readonly details: Readonly<Record<string, unknown>>;
}
