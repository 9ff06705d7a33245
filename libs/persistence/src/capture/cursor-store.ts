import type { Database, Transaction } from '../database/database.js';

/** Where the capture of one data store stands. */
export interface CaptureCursor {
  readonly epoch: number;
  /** The feed's position; null before the first full read has begun. */
  readonly position: Readonly<Record<string, string | number>> | null;
  /** Number of the last full read. */
  readonly run: number;
  /** Has a first full read been completed? */
  readonly loaded: boolean;
  readonly sequenceBase: number;
  /** Why removals are stopped; null while they are not. */
  readonly suspect: string | null;
  readonly suspectSince: Date | null;
  readonly lastComparison: Readonly<Record<string, unknown>> | null;
}

/** What an operator has asked for, by the id of the control command; null when nothing is asked. */
export interface CaptureRequests {
  readonly compare: string | null;
  readonly accept: string | null;
}

/** Another replica has taken the data store over. Whoever gets this must stop at once. */
export class CaptureFenced extends Error {
  readonly code = 'CAPTURE_FENCED';

  constructor(dataStore: string) {
    super(`Another replica captures ${dataStore} now.`);
    this.name = 'CaptureFenced';
  }
}

/** The position of each data store, its health and the requests of operators. */
export class CursorStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Begins a new epoch: transactions of earlier owners fail from now on. */
  async open(dataStore: string): Promise<CaptureCursor> {
    const [cursor] = await this.#database.query<CursorRow>(
      `insert into cursors (data_store, epoch) values ($1, 1)
       on conflict (data_store) do update set epoch = cursors.epoch + 1
       returning ${COLUMNS}`,
      [dataStore],
    );
    if (cursor === undefined) throw new CaptureFenced(dataStore);
    return cursorOf(cursor);
  }

  /** Locks the row for the transaction. Throws CaptureFenced if the epoch is not the current one. */
  async fence(tx: Pick<Transaction, 'query'>, dataStore: string, epoch: number): Promise<void> {
    const rows = await tx.query('select 1 from cursors where data_store = $1 and epoch = $2 for update', [
      dataStore,
      epoch,
    ]);
    if (rows.length === 0) throw new CaptureFenced(dataStore);
  }

  /** `fence`, and saves the feed's position. */
  async fenceAndMoveOn(
    tx: Pick<Transaction, 'query'>,
    { dataStore, epoch, position }: Pick<CaptureCursor, 'epoch' | 'position'> & { readonly dataStore: string },
  ): Promise<void> {
    const rows = await tx.query(
      'update cursors set position = $3 where data_store = $1 and epoch = $2 returning data_store',
      [dataStore, epoch, JSON.stringify(position)],
    );
    if (rows.length === 0) throw new CaptureFenced(dataStore);
  }

  /** Begins a full read and answers its number. */
  async beginRun(tx: Pick<Transaction, 'query'>, dataStore: string): Promise<number> {
    const [row] = await tx.query<{ run: string }>(
      'update cursors set run = run + 1 where data_store = $1 returning run',
      [dataStore],
    );
    return Number(row?.run ?? 0);
  }

  async endRun(
    tx: Pick<Transaction, 'query'>,
    dataStore: string,
    end: {
      readonly comparison: Readonly<Record<string, unknown>>;
      readonly suspect: string | null;
      readonly now: Date;
    },
  ): Promise<void> {
    await tx.query('update cursors set loaded = true, last_comparison = $2 where data_store = $1', [
      dataStore,
      JSON.stringify(end.comparison),
    ]);
    await this.setSuspect(tx, dataStore, end.suspect, end.now);
  }

  /** `words` null releases. */
  async setSuspect(tx: Pick<Transaction, 'query'>, dataStore: string, words: string | null, now: Date): Promise<void> {
    await tx.query(
      `update cursors set suspect = $2::text, suspect_since = case when $2::text is null then null else coalesce(suspect_since, $3::timestamptz) end
       where data_store = $1`,
      [dataStore, words, now],
    );
  }

  /** Stores what an operator asks for, for whichever replica owns the data store. Unknown data stores are left alone. */
  async request(dataStore: string, action: 'compare' | 'accept', id: string): Promise<void> {
    const column = action === 'compare' ? 'compare_request' : 'accept_request';
    await this.#database.query(`update cursors set ${column} = $2 where data_store = $1`, [dataStore, id]);
  }

  async requests(dataStore: string): Promise<CaptureRequests> {
    const [row] = await this.#database.query<CaptureRequests>(
      'select compare_request as compare, accept_request as accept from cursors where data_store = $1',
      [dataStore],
    );
    return row ?? { compare: null, accept: null };
  }

  /** Takes requests away that have been carried out; newer ones stay. */
  async settle(dataStore: string, done: CaptureRequests): Promise<void> {
    await this.#database.query(
      `update cursors set
         compare_request = case when compare_request = $2::text then null else compare_request end,
         accept_request = case when accept_request = $3::text then null else accept_request end
       where data_store = $1`,
      [dataStore, done.compare, done.accept],
    );
  }
}

const COLUMNS = 'epoch, position, run, loaded, sequence_base, suspect, suspect_since, last_comparison';

interface CursorRow {
  readonly epoch: string;
  readonly position: CaptureCursor['position'];
  readonly run: string;
  readonly loaded: boolean;
  readonly sequence_base: string;
  readonly suspect: string | null;
  readonly suspect_since: Date | null;
  readonly last_comparison: CaptureCursor['lastComparison'];
}

const cursorOf = (row: CursorRow): CaptureCursor => ({
  epoch: Number(row.epoch),
  position: row.position,
  run: Number(row.run),
  loaded: row.loaded,
  sequenceBase: Number(row.sequence_base),
  suspect: row.suspect,
  suspectSince: row.suspect_since,
  lastComparison: row.last_comparison,
});
