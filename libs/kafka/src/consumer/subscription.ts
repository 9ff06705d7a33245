import type { TopicContract } from '@provisor/contracts';
import type { ReceivedRecord, TopicPartition } from '../records.js';

export interface BatchContext {
  readonly topic: string;
  readonly partition: number;
  /** Aborts when the partition has gone to another member or the drain time at stop is over. */
  readonly signal: AbortSignal;
  /** Number of this process's assignment, from 1; grows with every rebalance. */
  readonly epoch: number;
}

/**
 * `batch`: one batch of a partition at a time, in order, partitions side by side.
 * `keyed`: batches of one key each, in order per key, up to `concurrency` keys side by side.
 */
export interface Subscription<T> {
  readonly contract: TopicContract<T>;
  readonly mode: 'batch' | 'keyed';
  /**
   * Handles records in order. Resolves: their offsets may be committed. Throws `PoisonRecordError`: that record alone goes to
   * dead letters. Throws anything else: infrastructure trouble, the same records are handed over again after a pause.
   */
  handle(batch: readonly ReceivedRecord<T>[], context: BatchContext): Promise<void>;
  /** Keys in work at once over all partitions, for `keyed`; 16 unless given. */
  readonly concurrency?: number;
}

/** Subscriptions of different payload types, in one list. */
export type AnySubscription = Subscription<never>;

/** Puts a typed subscription into a list of subscriptions. */
export function subscription<T>(definition: Subscription<T>): AnySubscription {
  return definition as unknown as AnySubscription;
}

export interface BatchConsumerOptions {
  /** Without the installation's prefix. */
  readonly groupId: string;
  readonly subscriptions: readonly AnySubscription[];
  /** Name of the pipeline stage in dead letters, for example `mapping`. */
  readonly stage: string;
  /** Most records handed over at once; 500 unless given. */
  readonly maxBatch?: number;
  /** Where a group without committed offsets begins; true unless given, so that nothing is missed. */
  readonly fromBeginning?: boolean;
  /** Awaited before the first record of these partitions is handed over; called again until it resolves. */
  onAssigned?(partitions: readonly TopicPartition[], epoch: number): Promise<void>;
  /** The partitions belong to another member by now, or the consumer stops. */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
  /** Time for the work in hand at stop, in milliseconds; 20,000 unless given. */
  readonly drainMs?: number;
  /**
   * A fetch is answered when so many bytes wait, or after so many milliseconds; with 1 byte and 100 ms unless given. For a consumer that
   * nobody waits for, more costs less.
   */
  readonly fetch?: { readonly minBytes: number; readonly waitMs: number };
  /** Pause between two commits, in milliseconds; 200 unless given. */
  readonly commitEveryMs?: number;
  /** Silence after which the group counts this member as dead, in milliseconds; 15,000 unless given. */
  readonly sessionTimeoutMs?: number;
  /** Intake of a partition pauses beyond these and resumes below half; 4,000 records and 8 MiB unless given. */
  readonly highWater?: { readonly records: number; readonly bytes: number };
  /** First and longest pause before failed work is handed over again, in milliseconds; 100 and 10,000 unless given. */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
}

export interface ConsumerHealth {
  /** A member of its group, with an assignment (perhaps an empty one). */
  readonly joined: boolean;
  /** False after the second stall in a row: the process should be restarted. */
  readonly healthy: boolean;
  readonly epoch: number;
  readonly assigned: readonly TopicPartition[];
  /** Records received and not yet handled. */
  readonly queued: number;
  /** Partitions whose work is being repeated because it failed, with the last error in words. */
  readonly struggling: readonly (TopicPartition & { readonly error: string; readonly since: number })[];
}
