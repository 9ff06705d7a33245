import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@provisor/telemetry';

/** Nest's own messages in our log: its account of modules and routes at debug, the rest at its level. */
export class NestLogger implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(String(message), contextOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(String(message), contextOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(String(message), contextOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#log.warn(String(message), contextOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = message instanceof Error ? { err: message } : {};
    this.#log.error(message instanceof Error ? message.message : String(message), { ...contextOf(rest), ...fields });
  }
}

/** Nest passes its context's name last and, with an error, the stack before it. */
function contextOf(rest: readonly unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  return {
    ...(typeof context === 'string' ? { nest: context } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
}
