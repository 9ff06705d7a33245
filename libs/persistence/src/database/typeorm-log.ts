import type { Logger as TypeormLogger } from 'typeorm';
import type { Logger } from '@provisor/telemetry';

/**
 * TypeORM's messages in our log. Statements are not among them: their parameters are personal data, and a statement that fails is
 * thrown to whoever asked for it.
 */
export class TypeormLog implements TypeormLogger {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  logQuery(): void {}

  logQueryError(): void {}

  logQuerySlow(): void {}

  logSchemaBuild(message: string): void {
    this.#log.debug(message);
  }

  logMigration(message: string): void {
    this.#log.debug(message);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.#log.warn(String(message));
    else this.#log.debug(String(message));
  }
}
