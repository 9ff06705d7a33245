import { MAX_RECORD_BYTES } from '@provisor/contracts';
import { activeTraceparent } from '@provisor/telemetry';
import type { Transaction } from '../database/database.js';
import { unnestRows } from '../database/unnest-rows.js';

/** A record to be published; `value` null is a tombstone. */
export interface OutgoingRecordLike {
  readonly topic: string;
  readonly key: string;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record is larger than the broker takes. Thrown before it is stored: an outbox that holds it would be blocked for ever. */
export class OutboxRecordTooLarge extends Error {
  readonly code = 'RECORD_TOO_LARGE';
  readonly topic: string;
  readonly key: string;
  readonly bytes: number;

  constructor(record: OutgoingRecordLike, bytes: number) {
    super(`A record for ${record.topic} has ${bytes} bytes; at most ${MAX_RECORD_BYTES} are allowed.`);
    this.name = 'OutboxRecordTooLarge';
    this.topic = record.topic;
    this.key = record.key;
    this.bytes = bytes;
  }
}

/** Room for the record batch around a record. */
const OVERHEAD_BYTES = 512;

/** Stores records in the transaction that made them true; OutboxRelay publishes them after the commit. */
export class Outbox {
  /**
   * Appends in the given order. Records of one key are published in the order of their ids, which is the order in which their
   * transactions *inserted* them: a writer locks the object's row (or owns its partition) before it appends, or two transactions
   * may publish an older state after a newer one. The active span's traceparent is added where a record has none.
   * Throws OutboxRecordTooLarge.
   */
  async append(transaction: Pick<Transaction, 'query'>, records: readonly OutgoingRecordLike[]): Promise<void> {
    if (records.length === 0) return;
    records.forEach(assertFits);
    const traceparent = activeTraceparent();
    const rows = unnestRows(
      [
        { name: 'topic', type: 'text' },
        { name: 'key', type: 'text' },
        { name: 'value', type: 'text' },
        { name: 'headers', type: 'jsonb' },
      ],
      records.map((record) => ({
        topic: record.topic,
        key: record.key,
        value: record.value,
        headers: traceparent === undefined ? (record.headers ?? {}) : { traceparent, ...record.headers },
      })),
    );
    await transaction.query(
      `INSERT INTO outbox (topic, key, value, headers)
       SELECT topic, key, value, headers FROM ${rows.sql} ORDER BY rows.ordinality`,
      rows.params,
    );
  }
}

function assertFits(record: OutgoingRecordLike): void {
  const headers = Object.entries(record.headers ?? {}).flat();
  const bytes = [record.key, record.value ?? '', ...headers].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    OVERHEAD_BYTES,
  );
  if (bytes > MAX_RECORD_BYTES) throw new OutboxRecordTooLarge(record, bytes);
}
