import type { Clock } from '@provisor/host';
import type { Logger } from '@provisor/telemetry';

/** A store that forgets what is old, some rows at a time. */
export interface Forgetful {
  removeOlder(before: Date, limit: number): Promise<number>;
}

export interface RetentionOptions {
  readonly stores: readonly { readonly what: string; readonly store: Forgetful; readonly keepMs: number }[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
}

const HOUR = 3_600_000;
/** Small enough that nobody waits for a lock or a vacuum because of it. */
const ROWS = 5000;

/** Removes what is older than it has to be kept, at start and every hour. Several replicas do no harm. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, log, everyMs = HOUR } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await this.#round().catch((error: unknown) =>
        log.warn('Old rows could not be removed; trying again.', { err: error }),
      );
      await clock.sleep(everyMs, this.#stopping.signal);
    }
  }

  async #round(): Promise<void> {
    const { stores, clock, log } = this.#options;
    for (const { what, store, keepMs } of stores) {
      const before = new Date(clock.now() - keepMs);
      let removed = 0;
      for (let some = ROWS; some === ROWS && !this.#stopping.signal.aborted; removed += some)
        some = await store.removeOlder(before, ROWS);
      if (removed > 0) log.info('Old rows were removed.', { what, removed, before: before.toISOString() });
    }
  }
}
