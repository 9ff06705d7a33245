import type { TopicContract } from '@provisor/contracts';
import type { Logger } from '@provisor/telemetry';
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { TopicAdmin } from '../admin/topic-admin.js';
import { METADATA_MAX_AGE_MS } from '../client/create-kafka.js';
import { rawRecord } from '../client/raw-record.js';
import type { DeadLetterPublisher } from '../dead-letters/dead-letter-publisher.js';
import { decodeBatch } from '../decode-batch.js';
import type { ReceivedRecord } from '../records.js';
import type { KafkaClock } from '../settings.js';
import { EndTracker } from './end-tracker.js';

export interface ReaderDependencies {
  readonly kafka: Kafka;
  readonly prefix: string;
  readonly admin: TopicAdmin;
  readonly deadLetters: DeadLetterPublisher;
  readonly log: Logger;
  readonly clock: KafkaClock;
}

export interface ReaderOptions<T> {
  readonly contract: TopicContract<T>;
  /** Name of the reader in dead letters. */
  readonly stage: string;
  /** What becomes of a record that cannot be decoded: `skip` where a consumer of the topic buries it anyway. */
  readonly undecodable: 'bury' | 'skip';
  /** Records of one partition in order, one batch at a time over all partitions. What it throws ends the reader. */
  readonly onBatch: (batch: readonly ReceivedRecord<T>[]) => void | Promise<void>;
}

/**
 * Reads a whole topic from its first record, for itself alone: in a consumer group that nobody else knows, without commits.
 * kafkajs cannot read outside of a group; the group disappears with the reader. A record that cannot be decoded counts as read.
 *
 * Work is awaited in the fetch loop on purpose: here nothing but this topic is at stake, and it bounds memory.
 */
export class TopicReader<T> {
  readonly #o: ReaderOptions<T>;
  readonly #d: ReaderDependencies;
  readonly #groupId: string;
  readonly #end = new EndTracker();
  readonly #caughtUp = Promise.withResolvers<void>();
  #consumer: Consumer | undefined;
  #closed = false;
  #failed = false;

  constructor(options: ReaderOptions<T>, dependencies: ReaderDependencies) {
    this.#o = options;
    this.#d = dependencies;
    this.#groupId = `reader.${options.stage}.${randomUUID()}`;
    this.#caughtUp.promise.catch(() => undefined);
  }

  /** Resolves when everything has been read that was in the topic when it was called. */
  async start(): Promise<void> {
    const { name } = this.#o.contract;
    await this.#d.admin.requireTopics([name]);
    this.#end.begin(await this.#d.admin.offsets(name));
    await this.#open();
    this.#settle();
    await this.#caughtUp.promise;
  }

  /** Ends the reader; a `start` that still waits rejects with `reason`. */
  async close(reason: unknown = new Error('The reader was closed.')): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#caughtUp.reject(reason);
    await this.#consumer
      ?.disconnect()
      .catch((error: unknown) => this.#d.log.debug('A reader did not disconnect', { err: error }));
    await this.#d.admin.forgetGroups([this.#groupId]);
  }

  async #open(): Promise<void> {
    const consumer = this.#d.kafka.consumer({
      groupId: this.#d.prefix + this.#groupId,
      sessionTimeout: 30_000,
      heartbeatInterval: 3000,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 250,
      minBytes: 1,
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 8 * 1024 * 1024,
      retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 5000, restartOnFailure: async () => !this.#closed },
    });
    this.#consumer = consumer;
    const { CRASH, FETCH, FETCH_START, START_BATCH_PROCESS, END_BATCH_PROCESS } = consumer.events;
    consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) this.#caughtUp.reject(payload.error);
    });
    consumer.on(FETCH_START, ({ payload }) => this.#end.askedBroker(payload.nodeId));
    consumer.on(FETCH, ({ payload }) => {
      this.#end.brokerAnswered(payload.nodeId, this.#d.clock.now());
      this.#settle();
    });
    consumer.on(START_BATCH_PROCESS, () => this.#end.sawData());
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (this.#failed) return;
      this.#end.finished(payload.partition, BigInt(payload.lastOffset));
      this.#settle();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#d.prefix + this.#o.contract.name], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => this.#read(payload),
    });
  }

  async #read(payload: EachBatchPayload): Promise<void> {
    if (this.#closed || this.#failed) return;
    const { contract, stage, undecodable } = this.#o;
    const { batch } = payload;
    const raws = batch.messages.map((message) => rawRecord(contract.name, batch.partition, message));
    const { records, failed } = await decodeBatch(contract, raws);
    if (this.#closed) return;
    try {
      if (undecodable === 'bury') await this.#d.deadLetters.publish(stage, failed);
      if (records.length > 0) await this.#o.onBatch(records);
    } catch (error) {
      this.#fail(error);
      return;
    }
    payload.resolveOffset(batch.lastOffset());
    await payload.heartbeat();
  }

  /** Nobody waits for the fetch loop's own errors, and it must not repeat what the reader's owner has refused. */
  #fail(error: unknown): void {
    this.#failed = true;
    this.#consumer?.pause([{ topic: this.#d.prefix + this.#o.contract.name }]);
    this.#caughtUp.reject(error);
    this.#d.log.debug('A reader has ended because its batch failed', { err: error });
  }

  #settle(): void {
    if (this.#end.reached(this.#d.clock.now())) this.#caughtUp.resolve();
  }
}
