import { MAX_RECORD_BYTES } from '@provisor/contracts';
import { metrics, withSpan, type Logger, type SpanOptions } from '@provisor/telemetry';
import type { Kafka, Producer } from 'kafkajs';
import { METADATA_MAX_AGE_MS } from '../client/create-kafka.js';
import type { OutgoingRecord } from '../records.js';
import type { KafkaClock } from '../settings.js';
import { createPartitioner } from './partition-of.js';
import { planRequests } from './send-plan.js';

export interface RecordProducer {
  /**
   * Resolves when the brokers have acknowledged every record (all in-sync replicas). Records of one call, and of calls one
   * after the other, keep their order per partition. While the brokers are away it tries for about two minutes. Rejects with
   * RecordTooLargeError, or with the last trouble; then some of the records may have been stored all the same.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** Sends what was accepted, then disconnects. */
  close(): Promise<void>;
}

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const sentMessages = metrics.counter('messaging.client.sent.messages');
const operationDuration = metrics.histogram('messaging.client.operation.duration');
/** Records that one request gathers from several callers at most. */
const MAX_GATHERED = 5000;
/** How long closing waits for what is under way. */
const CLOSE_MS = 5000;

/**
 * The idempotent producer of a process.
 *
 * Exactly one request is under way at any time; what callers hand over meanwhile is gathered into the next one. That is more
 * than batching: kafkajs numbers records when it sends them and takes the numbers back when a request fails. A second request
 * in between would get the same numbers, and the broker would drop it as a repetition of the first (tulios/kafkajs issue
 * 598). For the same reason a producer that has given up on a request is thrown away: its successor gets a new producer id.
 */
export class SerialProducer implements RecordProducer {
  readonly #kafka: Kafka;
  readonly #prefix: string;
  readonly #log: Logger;
  readonly #clock: KafkaClock;
  #producer: Producer | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(kafka: Kafka, prefix: string, deps: { readonly log: Logger; readonly clock: KafkaClock }) {
    this.#kafka = kafka;
    this.#prefix = prefix;
    this.#log = deps.log;
    this.#clock = deps.clock;
  }

  async connect(): Promise<void> {
    await this.#connected();
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#closed) throw new Error('The producer is closed.');
    await withSpan(`send ${records[0]?.topic}`, sendSpan(records), ({ traceparent }) => {
      const traced = withTraceContext(records, traceparent);
      return new Promise<void>((resolve, reject) => {
        this.#waiting.push({ records: traced, resolve, reject });
        this.#running ??= this.#drain();
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const patience = new AbortController();
    await Promise.race([this.#running, this.#clock.sleep(CLOSE_MS, patience.signal).catch(() => undefined)]);
    patience.abort();
    for (const { reject } of this.#waiting.splice(0))
      reject(new Error('The producer was closed before the records were sent.'));
    await this.#discard();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const gathered = this.#gather();
      try {
        await this.#sendAll(gathered.flatMap(({ records }) => records));
        for (const { resolve } of gathered) resolve();
      } catch (error) {
        if (gathered.length === 1) gathered[0]?.reject(error);
        else await this.#sendOneByOne(gathered);
      }
    }
    this.#running = undefined;
  }

  #gather(): Waiting[] {
    let records = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || records < MAX_GATHERED)) {
      records += this.#waiting[count]?.records.length ?? 0;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** One caller's bad record must not fail the others. */
  async #sendOneByOne(gathered: readonly Waiting[]): Promise<void> {
    for (const { records, resolve, reject } of gathered) {
      try {
        await this.#sendAll(records);
        resolve();
      } catch (error) {
        reject(error);
      }
    }
  }

  async #sendAll(records: readonly OutgoingRecord[]): Promise<void> {
    for (const request of planRequests(records, MAX_RECORD_BYTES)) await this.#request(request);
  }

  async #request(records: readonly OutgoingRecord[]): Promise<void> {
    const byTopic = Map.groupBy(records, ({ topic }) => topic);
    const began = this.#clock.now();
    let errorType: string | undefined;
    try {
      const producer = await this.#connected();
      await producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, messages]) => ({
          topic: this.#prefix + topic,
          messages: messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
        })),
      });
    } catch (error) {
      errorType = error instanceof Error ? error.name : 'Error';
      this.#log.warn('Records could not be sent', { err: error, topics: [...byTopic.keys()], count: records.length });
      await this.#discard();
      throw error;
    } finally {
      const seconds = (this.#clock.now() - began) / 1000;
      for (const [topic, { length }] of byTopic) {
        const attributes = { 'messaging.destination.name': topic, ...(errorType && { 'error.type': errorType }) };
        sentMessages.add(length, attributes);
        operationDuration.record(seconds, { 'messaging.operation.name': 'send', ...attributes });
      }
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: { retries: 60, initialRetryTime: 50, maxRetryTime: 2000 },
    });
    await producer.connect();
    this.#producer = producer;
    return producer;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer
      ?.disconnect()
      .catch((error: unknown) => this.#log.debug('A producer did not disconnect', { err: error }));
  }
}

/** A single record's span hangs below what caused it; that of several links to their causes. */
function sendSpan(records: readonly OutgoingRecord[]): SpanOptions {
  const causes = records.map(({ headers }) => headers?.['traceparent']).filter((cause) => cause !== undefined);
  return {
    kind: 'producer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': records[0]?.topic ?? '',
      'messaging.batch.message_count': records.length,
    },
    ...(causes.length === 1 && causes[0] !== undefined
      ? { parent: causes[0] }
      : { links: [...new Set(causes)].slice(0, 128) }),
  };
}

/** Records that carry no trace context yet get that of the span they are sent in. */
function withTraceContext(records: readonly OutgoingRecord[], traceparent: string): readonly OutgoingRecord[] {
  return records.map((record) =>
    record.headers?.['traceparent'] === undefined ? { ...record, headers: { ...record.headers, traceparent } } : record,
  );
}
