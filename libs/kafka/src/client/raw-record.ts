import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RawRecord } from '../records.js';

/** A message of the client library in our terms. `topic` is the contract's name. */
export function rawRecord(topic: string, partition: number, message: KafkaMessage): RawRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    headers: headersOf(message.headers),
    timestamp: Number(message.timestamp),
  };
}

/** Bytes that a record holds in memory, roughly. */
export function rawBytes(record: RawRecord): number {
  return 128 + (record.key?.length ?? 0) + (record.value?.byteLength ?? 0);
}

/** Of a header that occurs several times the first one counts. */
function headersOf(headers: IHeaders | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result[name] = typeof first === 'string' ? first : first.toString('utf8');
  }
  return result;
}
