import { gzipSync } from 'node:zlib';
import { encodeRecord, MAX_RECORD_BYTES, provisioningDeadLetters, type DeadLetter } from '@provisor/contracts';
import { metrics } from '@provisor/telemetry';
import type { RecordProducer } from '../producer/record-producer.js';
import type { RawRecord } from '../records.js';
import type { KafkaClock } from '../settings.js';

/** What of a record's value is kept, in bytes before base64. */
export const MAX_KEPT_BYTES = 256 * 1024;
/** What of a longer value is kept compressed, in bytes before base64: together with the first part it fits into one record. */
const MAX_COMPRESSED_BYTES = 384 * 1024;
const MAX_HEADER_LENGTH = 1024;
/** Header of a record that was published again: the id of its dead letter. */
export const REPLAY_OF_HEADER = 'provisor-replay-of';

export interface FailedRecord {
  readonly record: RawRecord;
  readonly code: string;
  readonly message: string;
}

const deadLetters = metrics.counter('provisioning.dead_letters');

/** Writes records that nobody can process to the dead-letter topic. */
export class DeadLetterPublisher {
  readonly #producer: () => Promise<RecordProducer>;
  readonly #clock: KafkaClock;

  constructor(producer: () => Promise<RecordProducer>, clock: KafkaClock) {
    this.#producer = producer;
    this.#clock = clock;
  }

  /** Resolves when the broker has them. A repetition has the same ids. */
  async publish(stage: string, failed: readonly FailedRecord[]): Promise<void> {
    if (failed.length === 0) return;
    const now = this.#clock.date();
    const producer = await this.#producer();
    await producer.send(
      failed.map((failure) => {
        const letter = deadLetterOf(stage, failure, now);
        const encoded = encodeRecord(provisioningDeadLetters, letter, {
          id: letter.id,
          source: `/provisor/${stage}`,
          time: now,
          ...(failure.record.headers['traceparent'] && { traceparent: failure.record.headers['traceparent'] }),
        });
        return { topic: provisioningDeadLetters.name, ...encoded };
      }),
    );
    for (const { code } of failed) deadLetters.add(1, { stage, code });
  }
}

/** `<topic>/<partition>/<offset>`, with the topic's contract name. */
export function deadLetterId(record: Pick<RawRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${record.topic}/${record.partition}/${record.offset}`;
}

export function deadLetterOf(stage: string, { record, code, message }: FailedRecord, failedAt: Date): DeadLetter {
  return {
    id: deadLetterId(record),
    stage,
    cause: { code, message: message.slice(0, 4000) },
    origin: {
      topic: record.topic,
      partition: record.partition,
      offset: record.offset.toString(),
      timestamp: new Date(record.timestamp).toISOString(),
      key: record.key,
      headers: Object.fromEntries(
        Object.entries(record.headers).map(([name, value]) => [name, value.slice(0, MAX_HEADER_LENGTH)]),
      ),
    },
    value: record.value === null ? null : record.value.subarray(0, MAX_KEPT_BYTES).toString('base64'),
    valueBytes: record.value?.byteLength ?? 0,
    ...wholeOf(record.value),
    ...replayOf(record.headers[REPLAY_OF_HEADER]),
    failedAt: failedAt.toISOString(),
  };
}

function wholeOf(value: Buffer | null): Pick<DeadLetter, 'whole'> {
  // Longer records could not be published again anyway, and compressing them would cost time for nothing.
  if (value === null || value.byteLength <= MAX_KEPT_BYTES || value.byteLength > MAX_RECORD_BYTES) return {};
  const compressed = gzipSync(value);
  if (compressed.byteLength > MAX_COMPRESSED_BYTES) return {};
  return { whole: { encoding: 'gzip', value: compressed.toString('base64') } };
}

const replayOf = (id: string | undefined): Pick<DeadLetter, 'replayOf'> =>
  id === undefined || id.length > 400 ? {} : { replayOf: id };
