import { dispatcherGroup, provisioningCommands } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import { partitionOf, type PartitionLag, type TopicAdmin } from '@provisor/kafka';
import type { Logger } from '@provisor/telemetry';

/** An evaluation brings no more while so many commands wait unread in a partition: whoever leaves stands behind them. */
const MOST_UNREAD = 500;
/** Dispatchers that take nothing in for so long are not waited for. */
const PATIENCE_MS = 2000;
/** A consumer commits every 200 ms. */
const LOOK_EVERY_MS = 50;

/** Where the commands of an evaluation go: by limit scope, of each target type. */
export type Destinations = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Keeps an evaluation of all objects in step with the dispatchers. The commands of an SP connection stand in one partition, so that
 * those of an evaluation that ran ahead would hold up every live change. Other partitions are of no concern. Dispatchers that are down,
 * or stand still, hold nothing up, nor does a broker that does not let mapping see how far they are.
 */
export class DispatchPace {
  readonly #admin: Pick<TopicAdmin, 'lag'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #destinations: Destinations;
  /** What was committed last of each partition, and since when that is so. */
  readonly #seen = new Map<string, { readonly committed: bigint; readonly since: number }>();
  #blind = false;

  constructor(o: { admin: Pick<TopicAdmin, 'lag'>; clock: Clock; log: Logger; destinations: Destinations }) {
    this.#admin = o.admin;
    this.#clock = o.clock;
    this.#log = o.log;
    this.#destinations = o.destinations;
  }

  /** Resolves when few commands wait, or nobody takes them in. Rejects when aborted. */
  async ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const crowded = (await this.#look()).filter(({ lag }) => lag > MOST_UNREAD);
      // Each is noted, so that every one of them has its time.
      const moving = crowded.filter((partition) => this.#moves(partition));
      if (moving.length === 0) return;
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #moves({ topic, partition, committed }: PartitionLag): boolean {
    const id = `${topic} ${partition}`;
    const now = this.#clock.now();
    const seen = this.#seen.get(id);
    if (seen?.committed === committed) return now - seen.since < PATIENCE_MS;
    this.#seen.set(id, { committed, since: now });
    return true;
  }

  async #look(): Promise<readonly PartitionLag[]> {
    if (this.#blind) return [];
    try {
      const found = [...this.#destinations].map(async ([targetType, limitScopes]) => {
        const all = await this.#admin.lag(dispatcherGroup(targetType), [provisioningCommands(targetType).name]);
        const own = new Set([...limitScopes].map((limitScope) => partitionOf(limitScope, all.length)));
        return all.filter(({ partition }) => own.has(partition));
      });
      return (await Promise.all(found)).flat();
    } catch (error) {
      this.#blind = true;
      this.#log.warn('How far the dispatchers are cannot be seen; the evaluation does not wait for them', {
        err: error,
      });
      return [];
    }
  }
}
