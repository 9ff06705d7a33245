import { readFileSync } from 'node:fs';
import { createLogger, startTelemetry, type Logger, type Telemetry } from '@provisor/telemetry';
import { ConfigurationProblem } from './config.js';
import type { ServiceDefinition } from './service.js';
import { startService, type HostConfig, type StartedService } from './start-service.js';

/**
 * The main function of a service's process. Exit codes: 0 after SIGTERM or SIGINT and a finished drain; 1 if the service could not
 * start, failed, or did not drain in time; 130 after a second signal, at once.
 */
export function runService<C extends HostConfig>(definition: ServiceDefinition<C>): void {
  const { env } = process;
  const log = createLogger({
    service: definition.name,
    level: env.LOG_LEVEL?.trim() || 'info',
    pretty: env.LOG_PRETTY?.trim() === 'true',
  });
  const telemetry = startTelemetry({ service: definition.name, version: packageVersion() });
  new ServiceProcess(definition, log, telemetry).run();
}

/**
 * States: starting → running → stopping → gone. A signal while starting ends the process at once: nothing is in flight yet, and
 * what a start leaves half done is in transactions. A failure of the running service stops it as a signal would, with exit code 1.
 */
class ServiceProcess<C extends HostConfig> {
  readonly #definition: ServiceDefinition<C>;
  readonly #log: Logger;
  readonly #telemetry: Telemetry;
  #service: StartedService | undefined;
  #stopping = false;

  constructor(definition: ServiceDefinition<C>, log: Logger, telemetry: Telemetry) {
    this.#definition = definition;
    this.#log = log;
    this.#telemetry = telemetry;
  }

  run(): void {
    process.on('SIGTERM', () => this.#onSignal('SIGTERM'));
    process.on('SIGINT', () => this.#onSignal('SIGINT'));
    process.on('uncaughtException', (error) => this.#onBug('An exception was not caught', error));
    process.on('unhandledRejection', (error) => this.#onBug('A rejection was not handled', error));
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      this.#service = await startService(this.#definition, {
        env: process.env,
        log: this.#log,
        telemetry: this.#telemetry,
        onFailed: (error) => {
          this.#log.error('The service cannot go on and stops', { err: error });
          void this.#stop(1);
        },
      });
      this.#log.info('Service is running');
    } catch (error) {
      this.#log.error(`The service cannot start: ${sentence(error)}`, startFields(error));
      await this.#exit(1);
    }
  }

  #onSignal(signal: NodeJS.Signals): void {
    if (this.#stopping) {
      this.#log.warn('Second signal: leaving at once', { signal });
      process.exit(130);
    }
    this.#log.info('Stopping', { signal });
    void this.#stop(0);
  }

  async #stop(code: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    try {
      await this.#service?.stop();
      this.#log.info('Stopped');
      await this.#exit(code);
    } catch (error) {
      this.#log.error('The service did not stop cleanly', { err: error });
      await this.#exit(1);
    }
  }

  /** The state of the process is unknown after a bug: nothing is drained. What was in flight is read again after the restart. */
  #onBug(message: string, error: unknown): void {
    this.#log.error(message, { err: error });
    process.exit(1);
  }

  async #exit(code: number): Promise<never> {
    await this.#telemetry.shutdown();
    process.exit(code);
  }
}

/** A configuration problem is for the person who set the environment: a stack would only hide it. */
function startFields(error: unknown): Record<string, unknown> {
  return error instanceof ConfigurationProblem ? { problems: error.problems } : { err: error };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function packageVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    return String((manifest as { version?: string }).version ?? 'unknown');
  } catch {
    return 'unknown';
  }
}
