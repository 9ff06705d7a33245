import type { TopicContract } from '@provisor/contracts';
import type { Logger } from '@provisor/telemetry';
import type { Kafka } from 'kafkajs';
import { TopicAdmin } from './admin/topic-admin.js';
import { createKafka } from './client/create-kafka.js';
import { BatchConsumer } from './consumer/batch-consumer.js';
import type { BatchConsumerOptions } from './consumer/subscription.js';
import { DeadLetterPublisher } from './dead-letters/dead-letter-publisher.js';
import { SerialProducer, type RecordProducer } from './producer/record-producer.js';
import { CompactedView } from './reader/compacted-view.js';
import { TopicReader, type ReaderDependencies, type ReaderOptions } from './reader/topic-reader.js';
import type { ReceivedRecord } from './records.js';
import type { KafkaClock, KafkaSettings } from './settings.js';

export interface ReadToEndOptions<T> {
  readonly contract: TopicContract<T>;
  /** Always the case; named so that a call reads as what it does. */
  readonly fromBeginning?: true;
  /** Records of one partition, in order. Rejecting ends the reading. */
  handle(batch: readonly ReceivedRecord<T>[]): Promise<void>;
  /** Ends the reading; `readToEnd` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Name of the reader at the broker. */
  readonly stage?: string;
}

/** Everything that a process does with Kafka. One instance per process or, in standalone, per service. */
export class KafkaClient {
  readonly #prefix: string;
  readonly #log: Logger;
  readonly #clock: KafkaClock;
  readonly #kafka: Kafka;
  readonly #admin: TopicAdmin;
  readonly #deadLetters: DeadLetterPublisher;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #producer: Promise<SerialProducer> | undefined;

  constructor(settings: KafkaSettings, dependencies: { readonly log: Logger; readonly clock: KafkaClock }) {
    this.#prefix = settings.topicPrefix;
    this.#log = dependencies.log.child({ component: 'kafka' });
    this.#clock = dependencies.clock;
    this.#kafka = createKafka(settings, this.#log);
    this.#admin = new TopicAdmin(this.#kafka, this.#prefix, this.#log);
    this.#deadLetters = new DeadLetterPublisher(() => this.producer(), this.#clock);
  }

  /** The process's one producer, connected. */
  producer(): Promise<RecordProducer> {
    this.#producer ??= this.#connectProducer();
    return this.#producer;
  }

  admin(): TopicAdmin {
    return this.#admin;
  }

  /** The caller stops it, before `close`. */
  batchConsumer(options: BatchConsumerOptions): BatchConsumer {
    return new BatchConsumer(options, { ...this.#dependencies(), deadLetters: this.#deadLetters });
  }

  /** `close` of this client ends it, if its owner has not done so. `stage` names it in dead letters. */
  compactedView<T>(contract: TopicContract<T>, stage = 'view'): CompactedView<T> {
    const view = new CompactedView<T>({ contract, stage }, this.#dependencies());
    this.#open.add(view);
    return view;
  }

  /**
   * Reads a topic from its beginning to the end that it has now, without what cannot be decoded. Resolves when everything was
   * handled. Rejects with what `handle` threw, or when the topic does not exist.
   */
  async readToEnd<T>(options: ReadToEndOptions<T>): Promise<void> {
    const { contract, signal, stage = 'reader' } = options;
    signal?.throwIfAborted();
    const definition: ReaderOptions<T> = {
      contract,
      stage,
      undecodable: 'skip',
      onBatch: (batch) => options.handle(batch),
    };
    const reader = new TopicReader(definition, this.#dependencies());
    this.#open.add(reader);
    const abort = (): void => void reader.close(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await reader.start();
    } finally {
      signal?.removeEventListener('abort', abort);
      await reader.close();
      this.#open.delete(reader);
    }
  }

  /** Ends views and readers, sends what the producer has accepted and disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((item) => item.close()));
    this.#open.clear();
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    await producer?.close();
    await this.#admin.close();
  }

  #dependencies(): ReaderDependencies {
    return {
      kafka: this.#kafka,
      prefix: this.#prefix,
      admin: this.#admin,
      deadLetters: this.#deadLetters,
      log: this.#log,
      clock: this.#clock,
    };
  }

  async #connectProducer(): Promise<SerialProducer> {
    const producer = new SerialProducer(this.#kafka, this.#prefix, { log: this.#log, clock: this.#clock });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }
}
