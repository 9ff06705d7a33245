import { metrics, type Logger } from '@provisor/telemetry';
import type { Offsets } from 'kafkajs';
import type { KafkaClock } from '../settings.js';
import type { PartitionWorker } from './partition-worker.js';

/** Commits with the generation of the membership that it was got in. Rejects without trying again. */
export type CommitFunction = (offsets: Offsets) => Promise<void>;

export interface CommitterOptions {
  readonly prefix: string;
  readonly everyMs: number;
  /** Workers of the present epoch: nothing else is ever committed. */
  readonly workers: () => readonly PartitionWorker[];
  /** Ends the regular commits. */
  readonly ended: AbortSignal;
  readonly log: Logger;
  readonly clock: KafkaClock;
}

const operationDuration = metrics.histogram('messaging.client.operation.duration');

/**
 * Tells the group what is done: regularly after progress, and at once on request. One loop at most; it sleeps between two
 * commits and ends when nothing is left to tell. A commit that fails is left to the next round with the newer offsets.
 */
export class OffsetCommitter {
  readonly #o: CommitterOptions;
  #commit: CommitFunction | undefined;
  #dirty = false;
  #loop: Promise<void> | undefined;

  constructor(options: CommitterOptions) {
    this.#o = options;
  }

  /** The commit function of the present membership, or undefined between two. */
  use(commit: CommitFunction | undefined): void {
    this.#commit = commit;
  }

  nudge(): void {
    this.#dirty = true;
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
  }

  /** Resolves when no regular commit is under way; `ended` has to have been aborted. */
  async settled(): Promise<void> {
    await this.#loop;
  }

  async commitNow(): Promise<void> {
    const commit = this.#commit;
    const due = this.#o
      .workers()
      .map((worker) => ({ worker, offset: worker.committable }))
      .filter(({ worker, offset }) => offset !== undefined && offset !== worker.committed);
    if (commit === undefined || due.length === 0) return;
    const began = this.#o.clock.now();
    try {
      const topics = [...Map.groupBy(due, ({ worker }) => worker.id.topic)].map(([topic, entries]) => ({
        topic: this.#o.prefix + topic,
        partitions: entries.map(({ worker, offset }) => ({ partition: worker.id.partition, offset: String(offset) })),
      }));
      await commit({ topics });
      for (const { worker, offset } of due) worker.committed = offset;
    } catch (error) {
      this.#dirty = true;
      this.#o.log.debug('Offsets could not be committed now', { err: error });
    } finally {
      operationDuration.record((this.#o.clock.now() - began) / 1000, { 'messaging.operation.name': 'commit' });
    }
  }

  async #run(): Promise<void> {
    while (this.#dirty && !this.#o.ended.aborted) {
      await this.#o.clock.sleep(this.#o.everyMs, this.#o.ended).catch(() => undefined);
      this.#dirty = false;
      await this.commitNow();
    }
  }
}
