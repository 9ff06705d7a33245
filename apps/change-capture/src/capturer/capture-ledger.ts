import {
  CursorStore,
  EntryStore,
  NameStore,
  PENDING,
  type CaptureCursor,
  type Database,
  type Occurrence,
  type Pending,
  type Transaction,
} from '@provisor/persistence';
import type { FeedCursor } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import { GroupGraph } from '../names/group-graph.js';
import type { CapturedObject, UnreadableItem } from '../objects/captured-object.js';
import { ObjectWriter } from '../objects/object-writer.js';
import { deadLetterRecord } from '../records/dead-letter-record.js';
import { Publisher } from '../records/publisher.js';

type Tx = Pick<Transaction, 'query'>;
/** Failures that were reported are remembered up to this number, so that each full read does not report them again. */
const REPORTED = 10_000;

export interface LedgerBatch {
  readonly objects: readonly CapturedObject[];
  readonly unreadable?: readonly UnreadableItem[];
  readonly gone?: { readonly ids: readonly string[]; readonly occurrence: Occurrence };
  /** Saved with the batch. */
  readonly position?: FeedCursor;
  readonly pending?: Pending;
  readonly deferOpenReferences?: boolean;
}

export interface LedgerParts {
  readonly database: Database;
  readonly dataStore: string;
  readonly now: () => Date;
  readonly log: Logger;
  /** Called after a commit that may have put records into the outbox. */
  readonly nudge: () => void;
}

/**
 * What is known of one data store, and the only way to change it. Every transaction checks that this owner is still the current one and
 * holds, together: entries, memberships, sequences, outbox rows and the feed's position.
 */
export class CaptureLedger {
  readonly entries: EntryStore;
  readonly names: NameStore;
  readonly cursors: CursorStore;
  private readonly parts: LedgerParts;
  private readonly cursor: CaptureCursor;
  private readonly writer: ObjectWriter;
  private readonly publisher: Publisher;
  private readonly reported = new Set<string>();
  private runNumber: number;

  private constructor(parts: LedgerParts, cursor: CaptureCursor, groups: GroupGraph) {
    const { database, dataStore, now, log } = parts;
    this.parts = parts;
    this.cursor = cursor;
    this.runNumber = cursor.run;
    this.cursors = new CursorStore(database);
    this.entries = new EntryStore(database, dataStore);
    this.names = new NameStore(database, dataStore);
    this.writer = new ObjectWriter({
      entries: this.entries,
      names: this.names,
      groups,
      sequenceBase: cursor.sequenceBase,
    });
    this.publisher = new Publisher({ dataStore, entries: this.entries, groups, now, log });
  }

  /** Takes the data store over: whoever had it before can write no more. */
  static async open(parts: LedgerParts): Promise<{ ledger: CaptureLedger; cursor: CaptureCursor }> {
    const cursor = await new CursorStore(parts.database).open(parts.dataStore);
    const nestings = await new NameStore(parts.database, parts.dataStore).nestings(parts.database);
    const ledger = new CaptureLedger(parts, cursor, new GroupGraph(nestings));
    return { ledger, cursor };
  }

  /** Number of the full read that is going on, or of the last one. */
  get run(): number {
    return this.runNumber;
  }

  async beginRun(): Promise<number> {
    this.runNumber = await this.transaction((tx) => this.cursors.beginRun(tx, this.parts.dataStore));
    return this.runNumber;
  }

  async endRun(end: {
    comparison: Readonly<Record<string, unknown>>;
    suspect: string | null;
    position?: FeedCursor;
  }): Promise<void> {
    const { dataStore, now } = this.parts;
    await this.transaction((tx) => this.cursors.endRun(tx, dataStore, { ...end, now: now() }), end.position);
  }

  async setSuspect(words: string | null): Promise<void> {
    await this.transaction((tx) => this.cursors.setSuspect(tx, this.parts.dataStore, words, this.parts.now()));
  }

  /** Stores a batch and publishes what follows from it: the first part with it, the rest in further transactions. */
  async commit(batch: LedgerBatch): Promise<number> {
    let changed = 0;
    const left = await this.transaction(async (tx) => {
      changed = await this.writer.write(tx, batch.objects, {
        run: this.runNumber,
        pending: batch.pending ?? PENDING.publish,
        ...(batch.deferOpenReferences === undefined ? {} : { deferOpenReferences: batch.deferOpenReferences }),
      });
      if (batch.gone !== undefined) await this.writer.remove(tx, batch.gone.ids, batch.gone.occurrence);
      await this.reportUnreadable(tx, batch.unreadable ?? []);
      return this.publisher.publish(tx);
    }, batch.position);
    this.parts.nudge();
    if (left) await this.publishPending(false);
    return changed;
  }

  /** Publishes everything that is marked; with `all` also what waits for the end of a full read. */
  async publishPending(all: boolean): Promise<void> {
    while (await this.transaction((tx) => this.publisher.publish(tx, all))) this.parts.nudge();
    this.parts.nudge();
  }

  private async reportUnreadable(tx: Tx, items: readonly UnreadableItem[]): Promise<void> {
    const { dataStore, now, log } = this.parts;
    for (const { dn, code, message } of items) {
      const known = `${dn}\0${code}`;
      if (this.reported.has(known)) continue;
      if (this.reported.size >= REPORTED) this.reported.clear();
      this.reported.add(known);
      log.warn('An entry cannot be read and is left out', { dn, code, reason: message });
      const record = deadLetterRecord({ dataStore, subject: dn, code, message, at: now() });
      await this.publisher.reportDeadLetters(tx, [record], code);
    }
  }

  private transaction<T>(work: (tx: Tx) => Promise<T>, position?: FeedCursor): Promise<T> {
    const { database, dataStore } = this.parts;
    const { epoch } = this.cursor;
    return database.transaction(async (tx) => {
      if (position === undefined) await this.cursors.fence(tx, dataStore, epoch);
      else await this.cursors.fenceAndMoveOn(tx, { dataStore, epoch, position });
      return work(tx);
    });
  }
}
