import { MAX_RECORD_BYTES, type EncodedRecord } from '@provisor/contracts';
import {
  Outbox,
  type EntryStore,
  type PendingEntry,
  type PublishedEntry,
  type Transaction,
} from '@provisor/persistence';
import { metrics, withSpan, type Logger } from '@provisor/telemetry';
import type { GroupGraph } from '../names/group-graph.js';
import { contentHash } from '../objects/content-hash.js';
import { changeRecord, contentOf } from './change-record.js';
import { deadLetterRecord } from './dead-letter-record.js';

type Tx = Pick<Transaction, 'query'>;
type OutboxRecord = EncodedRecord & { readonly topic: string };

/** Room for headers and for what the broker puts around a record. */
const OVERHEAD_BYTES = 2048;
/** Most entries of one transaction. */
const BATCH = 500;

const changes = metrics.counter('provisioning.capture.changes');
const deadLetters = metrics.counter('provisioning.dead_letters');

export interface PublisherParts {
  readonly dataStore: string;
  readonly entries: EntryStore;
  readonly groups: GroupGraph;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Turns marked entries into records in the outbox. A record whose content equals the last one is not sent and takes no number. The
 * sequence grows in the same transaction as the outbox row, so that a number is never given to two contents.
 */
export class Publisher {
  private readonly parts: PublisherParts;
  private readonly outbox = new Outbox();

  constructor(parts: PublisherParts) {
    this.parts = parts;
  }

  /** One batch; false when nothing is left to do. `all` takes also what waits for the end of a full read. */
  async publish(tx: Tx, all = false): Promise<boolean> {
    const pending = await this.parts.entries.pending(tx, BATCH, all);
    if (pending.length === 0) return false;
    const records: OutboxRecord[] = [];
    const published: PublishedEntry[] = [];
    for (const entry of pending) published.push(await this.publishOne(entry, records));
    await this.outbox.append(tx, records);
    await this.parts.entries.published(tx, published);
    return pending.length === BATCH;
  }

  /** Reports entries that could not be read or published. */
  async reportDeadLetters(tx: Tx, records: readonly OutboxRecord[], code: string): Promise<void> {
    await this.outbox.append(tx, records);
    deadLetters.add(records.length, { stage: 'capture', code });
  }

  private async publishOne(entry: PendingEntry, records: OutboxRecord[]): Promise<PublishedEntry> {
    const { dataStore, groups } = this.parts;
    const content = contentOf(entry, groups);
    const hash = contentHash(content);
    const unchanged = { objectId: entry.objectId, contentHash: hash, sequence: entry.sequence };
    if (hash === entry.contentHash) return unchanged;
    // Nobody was told of an object that came and went between two publications.
    if (entry.state === 'deleted' && entry.contentHash === null) return unchanged;
    const sequence = entry.sequence + 1;
    const attributes = {
      'provisioning.data_store': dataStore,
      'provisioning.object_id': entry.objectId,
      'provisioning.object_type': entry.objectType,
      'provisioning.sequence': sequence,
    };
    const capturedAt = this.parts.now();
    const record = await withSpan('capture change', { kind: 'internal', attributes }, async ({ traceparent }) =>
      changeRecord(entry, content, { dataStore, sequence, capturedAt, traceparent }),
    );
    if (bytesOf(record) > MAX_RECORD_BYTES) {
      records.push(this.tooLarge(entry, record, capturedAt));
      return unchanged;
    }
    records.push(record);
    changes.add(1, { data_store: dataStore, object_type: entry.objectType });
    return { objectId: entry.objectId, contentHash: hash, sequence };
  }

  private tooLarge(entry: PendingEntry, record: OutboxRecord, at: Date): OutboxRecord {
    const { dataStore, log } = this.parts;
    const code = 'record.too-large';
    const message = `The record of ${entry.dn} has ${bytesOf(record)} bytes; at most ${MAX_RECORD_BYTES} are allowed. It stays as it was published last.`;
    log.error('An entry cannot be published and is left out', {
      objectId: entry.objectId,
      code,
      bytes: bytesOf(record),
    });
    deadLetters.add(1, { stage: 'capture', code });
    return deadLetterRecord({ dataStore, subject: entry.objectId, code, message, value: record.value ?? '', at });
  }
}

const bytesOf = (record: OutboxRecord): number =>
  Buffer.byteLength(record.value ?? '') + Buffer.byteLength(record.key) + OVERHEAD_BYTES;
