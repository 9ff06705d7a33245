import { dispatcherGroup, provisioningCommands } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { PartitionLag, TopicAdmin } from '@provisor/kafka';
import type { Logger } from '@provisor/telemetry';

/** An evaluation brings no more while so many commands wait unread in a partition: whoever leaves stands behind them. */
const MOST_UNREAD = 500;
/** Dispatchers that take nothing in for so long are not waited for. */
const PATIENCE_MS = 2000;
/** A consumer commits every 200 ms. */
const LOOK_EVERY_MS = 50;

/**
 * Keeps an evaluation of all objects in step with the dispatchers. The commands of an SP connection stand in one partition, so that
 * those of an evaluation that ran ahead would hold up every live change. Dispatchers that are down, or stand still, hold nothing up, nor
 * does a broker that does not let mapping see how far they are.
 */
export class DispatchPace {
  readonly #admin: Pick<TopicAdmin, 'lag'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #targetTypes: readonly string[];
  #blind = false;
  #progress: { committed: bigint; at: number };

  constructor(o: { admin: Pick<TopicAdmin, 'lag'>; clock: Clock; log: Logger; targetTypes: ReadonlySet<string> }) {
    this.#admin = o.admin;
    this.#clock = o.clock;
    this.#log = o.log;
    this.#targetTypes = [...o.targetTypes];
    this.#progress = { committed: -1n, at: o.clock.now() };
  }

  /** Resolves when few commands wait, or nobody takes them in. Rejects when aborted. */
  async ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const partitions = await this.#look();
      if (partitions.every(({ lag }) => lag <= MOST_UNREAD)) return;
      const committed = partitions.reduce((sum, partition) => sum + partition.committed, 0n);
      const now = this.#clock.now();
      if (committed !== this.#progress.committed) this.#progress = { committed, at: now };
      else if (now - this.#progress.at >= PATIENCE_MS) return;
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  async #look(): Promise<readonly PartitionLag[]> {
    if (this.#blind) return [];
    try {
      const topics = this.#targetTypes.map((type) =>
        this.#admin.lag(dispatcherGroup(type), [provisioningCommands(type).name]),
      );
      return (await Promise.all(topics)).flat();
    } catch (error) {
      this.#blind = true;
      this.#log.warn('How far the dispatchers are cannot be seen; the evaluation does not wait for them', {
        err: error,
      });
      return [];
    }
  }
}
