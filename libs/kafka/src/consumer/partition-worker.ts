import { rawBytes } from '../client/raw-record.js';
import type { RawRecord, TopicPartition } from '../records.js';
import type { BatchProcessor } from './batch-processor.js';
import { KeyQueues } from './key-queues.js';
import { OffsetTracker } from './offset-tracker.js';
import type { Slots } from './slots.js';
import { Watermark, type Level } from './watermark.js';

export interface WorkerOptions extends TopicPartition {
  readonly epoch: number;
  readonly mode: 'batch' | 'keyed';
  readonly maxBatch: number;
  readonly highWater: Level;
  readonly processor: BatchProcessor;
  /** Shared by all partitions of a subscription. */
  readonly slots: Slots;
  /** Nothing is handed over before it resolves. */
  readonly ready: Promise<void>;
  readonly now: () => number;
  /** Something may be committable. */
  readonly onProgress: () => void;
  readonly onIntake: (order: 'close' | 'open') => void;
}

/**
 * One partition during one assignment.
 *
 * `offer` (from the fetch loop) only queues. Work leaves the queue by key in `keyed` mode; in `batch` mode all records have one
 * key, so that there is one batch at a time. States: open → closing (`close`: takes nothing new; work in hand goes on) →
 * aborted (`abort`: handlers are told by their signal). What is handled is committable only through this object, and the
 * consumer drops the object with the assignment: that is how results of an old epoch are never committed.
 */
export class PartitionWorker {
  readonly #o: WorkerOptions;
  readonly #tracker = new OffsetTracker();
  readonly #queues = new KeyQueues<RawRecord>();
  readonly #watermark: Watermark;
  readonly #abort = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #inWork = new Set<Promise<void>>();
  readonly #pump = (): void => this.#hand();
  #ready = false;
  #closed = false;
  #position: bigint | undefined;
  #end: bigint | undefined;
  #trouble: { readonly error: string; readonly since: number } | undefined;
  /** What the group has been told; kept by the consumer. */
  committed: bigint | undefined;

  constructor(options: WorkerOptions) {
    this.#o = options;
    this.#watermark = new Watermark(options.highWater);
    void options.ready.then(() => {
      this.#ready = true;
      this.#hand();
    });
  }

  get id(): TopicPartition {
    return { topic: this.#o.topic, partition: this.#o.partition };
  }

  get committable(): bigint | undefined {
    return this.#tracker.committable;
  }

  /** Offset after the newest record that was received. */
  get position(): bigint | undefined {
    return this.#position;
  }

  get paused(): boolean {
    return this.#watermark.closed;
  }

  /** Records received and not finished. */
  get queued(): number {
    return this.#watermark.records;
  }

  get trouble(): { readonly error: string; readonly since: number } | undefined {
    return this.#trouble;
  }

  /** Records at the broker that are not handled, as far as known. */
  get lag(): number {
    const done = this.#tracker.committable ?? this.committed;
    return this.#end === undefined || done === undefined || done > this.#end ? this.queued : Number(this.#end - done);
  }

  /** The broker's end of the partition, from a batch or from a look of the watchdog. */
  sawEnd(end: bigint): void {
    this.#end = end;
  }

  /** Queues what was fetched. `last` is the last offset that the fetch covered, with or without a record. */
  offer(records: readonly RawRecord[], last: bigint, end: bigint): void {
    this.#end = end;
    let bytes = 0;
    let count = 0;
    for (const record of records) {
      if (this.#tracker.knows(record.offset)) continue;
      this.#tracker.add(record.offset);
      this.#queues.add(this.#o.mode === 'keyed' ? (record.key ?? '') : '', record);
      bytes += rawBytes(record);
      count += 1;
    }
    if (!this.#tracker.knows(last)) {
      this.#tracker.add(last);
      this.#tracker.finish(last);
    }
    this.#position = last + 1n;
    const order = this.#watermark.rise(count, bytes);
    if (order !== undefined) this.#o.onIntake(order);
    if (count === 0) this.#o.onProgress();
    this.#hand();
  }

  /** Takes nothing new and stops repeating what fails; work in hand goes on. */
  close(): void {
    this.#closed = true;
    this.#giveUp.abort();
    this.#queues.clear();
    this.#o.slots.forget(this.#pump);
  }

  /** Closes, and tells handlers to end. */
  abort(): void {
    this.close();
    this.#abort.abort();
  }

  /** Resolves when nothing is in hand. */
  async settled(): Promise<void> {
    while (this.#inWork.size > 0) await Promise.all(this.#inWork);
  }

  #hand(): void {
    while (this.#ready && !this.#closed && this.#queues.queued > 0) {
      if (!this.#o.slots.tryTake()) {
        this.#o.slots.wait(this.#pump);
        return;
      }
      const taken = this.#queues.take(this.#o.maxBatch);
      if (taken === undefined) {
        this.#o.slots.give();
        return;
      }
      const work = this.#work(taken.key, taken.items).finally(() => this.#inWork.delete(work));
      this.#inWork.add(work);
    }
  }

  async #work(key: string, records: readonly RawRecord[]): Promise<void> {
    const { topic, partition, epoch, processor } = this.#o;
    const context = { topic, partition, epoch, signal: this.#abort.signal };
    const done = await processor.process(records, context, this.#giveUp.signal, (error) => {
      this.#trouble = error === undefined ? undefined : { error, since: this.#trouble?.since ?? this.#o.now() };
    });
    this.#queues.release(key);
    if (done) for (const { offset } of records) this.#tracker.finish(offset);
    const order = this.#watermark.fall(
      records.length,
      records.reduce((sum, record) => sum + rawBytes(record), 0),
    );
    if (order !== undefined && !this.#closed) this.#o.onIntake(order);
    if (done) this.#o.onProgress();
    this.#o.slots.give();
    this.#hand();
  }
}
