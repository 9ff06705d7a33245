import { setImmediate as turn } from 'node:timers/promises';
import { decodeRecord, MAX_RECORD_BYTES, type TopicContract } from '@provisor/contracts';
import type { FailedRecord } from './dead-letters/dead-letter-publisher.js';
import type { RawRecord, ReceivedRecord } from './records.js';

/** So many records are decoded at once; then it is the turn of what has come meanwhile. */
const AT_ONCE = 50;

export interface DecodedBatch<T> {
  readonly records: readonly ReceivedRecord<T>[];
  readonly failed: readonly FailedRecord[];
}

/** Decodes and checks the records of a batch, and lets other work of the process in between. */
export async function decodeBatch<T>(contract: TopicContract<T>, raws: readonly RawRecord[]): Promise<DecodedBatch<T>> {
  const records: ReceivedRecord<T>[] = [];
  const failed: FailedRecord[] = [];
  for (const [index, record] of raws.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await turn();
    const decoded = decodeRecord(contract, record, MAX_RECORD_BYTES);
    if (decoded.ok) records.push(received(record, decoded.value));
    else failed.push({ record, code: decoded.code, message: decoded.message });
  }
  return { records, failed };
}

function received<T>(raw: RawRecord, value: T | null): ReceivedRecord<T> {
  const { topic, partition, offset, headers, timestamp } = raw;
  const traceparent = headers['traceparent'];
  const eventId = headers['ce_id'];
  return {
    topic,
    partition,
    offset,
    key: raw.key ?? '',
    value,
    headers,
    timestamp,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(eventId === undefined ? {} : { eventId }),
  };
}
