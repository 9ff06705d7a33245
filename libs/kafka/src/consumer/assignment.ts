import { metrics, type Logger, type MetricAttributes } from '@provisor/telemetry';
import type { TopicPartition } from '../records.js';
import type { KafkaClock } from '../settings.js';
import type { PartitionWorker } from './partition-worker.js';

export interface AssignmentHooks {
  onAssigned?(partitions: readonly TopicPartition[], epoch: number): Promise<void>;
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
}

export interface AssignmentDependencies {
  readonly hooks: AssignmentHooks;
  readonly labels: MetricAttributes;
  readonly log: Logger;
  readonly clock: KafkaClock;
  createWorker(partition: TopicPartition, epoch: number, ready: Promise<void>): PartitionWorker;
}

const rebalances = metrics.counter('provisioning.consumer.rebalances');
const HOOK_RETRY_MS = 500;

export const partitionId = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * What this member owns. Every join of the group begins a new epoch with new workers, because kafkajs then reads on from the
 * committed offsets anyway. Invariants: a partition that stays waits with its first batch until the old worker's work in hand
 * has ended (one batch of a partition at a time); a partition that is new waits for `onAssigned`; hooks run one after the
 * other, in the order of the rebalances.
 */
export class Assignment {
  readonly #d: AssignmentDependencies;
  #workers = new Map<string, PartitionWorker>();
  #epoch = 0;
  #hooks: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(dependencies: AssignmentDependencies) {
    this.#d = dependencies;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get workers(): readonly PartitionWorker[] {
    return [...this.#workers.values()];
  }

  worker(partition: TopicPartition): PartitionWorker | undefined {
    return this.#workers.get(partitionId(partition));
  }

  /** `continuous` says that this member was in the group all the time, so that what it keeps was nobody else's meanwhile. */
  begin(partitions: readonly TopicPartition[], continuous: boolean): void {
    this.#epoch += 1;
    rebalances.add(1, this.#d.labels);
    const epoch = this.#epoch;
    const before = this.#workers;
    const now = new Set(partitions.map(partitionId));
    const kept = new Set(continuous ? [...before.keys()].filter((id) => now.has(id)) : []);
    for (const [id, worker] of before) {
      if (kept.has(id)) worker.close();
      else worker.abort();
    }
    const lost = [...before].filter(([id]) => !kept.has(id)).map(([, worker]) => worker.id);
    const gained = partitions.filter((partition) => !kept.has(partitionId(partition)));
    this.#runHooks(lost, gained, epoch);
    const hooks = this.#hooks;
    this.#workers = new Map(
      partitions.map((partition) => {
        const id = partitionId(partition);
        const predecessor = before.get(id);
        const ready = Promise.all([predecessor?.settled(), kept.has(id) ? undefined : hooks]).then(() => undefined);
        return [id, this.#d.createWorker(partition, epoch, ready)];
      }),
    );
  }

  /** The membership is over: everything belongs to somebody else. */
  lose(): void {
    const lost = this.workers.map(({ id }) => id);
    for (const worker of this.#workers.values()) worker.abort();
    this.#workers = new Map();
    this.#runHooks(lost, [], this.#epoch);
  }

  /** For the end: takes nothing new, waits for the work in hand up to `drainMs`, then tells it to end. */
  async drain(drainMs: number): Promise<void> {
    this.#stopping.abort();
    const workers = this.workers;
    for (const worker of workers) worker.close();
    const settled = Promise.all(workers.map((worker) => worker.settled()));
    if (await this.#within(settled, drainMs)) return;
    this.#d.log.warn('Work in hand did not end in time and is aborted; it will be repeated', { drainMs });
    for (const worker of workers) worker.abort();
    await this.#within(settled, 1000);
  }

  /** Resolves when every hook that was started has run. */
  async hooksSettled(): Promise<void> {
    await this.#hooks;
  }

  async #within(work: Promise<unknown>, ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = this.#d.clock.sleep(ms, timer.signal).then(
      () => false,
      () => false,
    );
    const inTime = await Promise.race([work.then(() => true), late]);
    timer.abort();
    return inTime;
  }

  #runHooks(lost: readonly TopicPartition[], gained: readonly TopicPartition[], epoch: number): void {
    const { hooks } = this.#d;
    this.#hooks = this.#hooks.then(async () => {
      if (lost.length > 0)
        await hooks
          .onRevoked?.(lost)
          .catch((error: unknown) => this.#d.log.warn('Letting go of partitions failed', { err: error }));
      while (gained.length > 0 && epoch === this.#epoch && !this.#stopping.signal.aborted) {
        try {
          await hooks.onAssigned?.(gained, epoch);
          return;
        } catch (error) {
          this.#d.log.warn('Taking over partitions failed and will be repeated', { err: error });
          await this.#d.clock.sleep(HOOK_RETRY_MS, this.#stopping.signal).catch(() => undefined);
        }
      }
    });
  }
}
