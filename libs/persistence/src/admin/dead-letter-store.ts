import type { DeadLetter } from '@provisor/contracts';
import type { Database, Transaction } from '../database/database.js';
import { jsonbText } from './jsonb-text.js';

/** A dead letter and what became of it. */
export interface StoredDeadLetter {
  /** Order of arrival; the cursor of listings. */
  readonly seq: string;
  readonly letter: DeadLetter;
  /** The SP connection that the record is about, where it says so. */
  readonly spConnection: string | null;
  /** When the record was published again; null for a letter that is open. */
  readonly replayedAt: Date | null;
  readonly replayedBy: string | null;
  /** The letter that its replay came to, if it failed again. */
  readonly failedAgainAs: string | null;
}

/** Which letters are meant; what is absent does not restrict. */
export interface DeadLetterFilter {
  readonly stage?: string;
  readonly code?: string;
  readonly topic?: string;
  readonly spConnection?: string;
  /** Failed at this time or later. */
  readonly since?: Date;
  readonly state?: 'open' | 'replayed';
}

/** A letter as it is stored: with the SP connection that its record is about. */
export interface ArrivedDeadLetter {
  readonly letter: DeadLetter;
  readonly spConnection: string | undefined;
}

const COLUMNS = `d.seq, d.letter, d.sp_connection as "spConnection", d.replayed_at as "replayedAt",
  d.replayed_by as "replayedBy",
  (select min(again.id) from dead_letters again where again.replay_of = d.id) as "failedAgainAs"`;

const FILTER = `($1::text is null or d.stage = $1) and ($2::text is null or d.code = $2)
  and ($3::text is null or d.topic = $3) and ($4::text is null or d.sp_connection = $4)
  and ($5::timestamptz is null or d.failed_at >= $5)
  and ($6::text is null or ($6 = 'replayed') = (d.replayed_at is not null))`;

const filterParameters = (filter: DeadLetterFilter): unknown[] => [
  filter.stage ?? null,
  filter.code ?? null,
  filter.topic ?? null,
  filter.spConnection ?? null,
  filter.since ?? null,
  filter.state ?? null,
];

/** Records that nobody could process, as they arrived on the dead letters topic. */
export class DeadLetterStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Idempotent by id. */
  async add(arrived: readonly ArrivedDeadLetter[]): Promise<void> {
    if (arrived.length === 0) return;
    await this.#database.query(
      `insert into dead_letters (id, stage, code, topic, failed_at, replay_of, sp_connection, letter)
       select l->>'id', l->>'stage', l->'cause'->>'code', l->'origin'->>'topic', (l->>'failedAt')::timestamptz,
         l->>'replayOf', c, l
       from unnest($1::jsonb[], $2::text[]) as arrived(l, c)
       on conflict (id) do nothing`,
      [arrived.map(({ letter }) => jsonbText(letter)), arrived.map(({ spConnection }) => spConnection ?? null)],
    );
  }

  /** Newest first, before the one named by the cursor `before`. */
  async list(filter: DeadLetterFilter & { before?: string; limit: number }): Promise<StoredDeadLetter[]> {
    return this.#database.query<StoredDeadLetter>(
      `select ${COLUMNS} from dead_letters d where ${FILTER} and ($7::bigint is null or d.seq < $7)
       order by d.seq desc limit $8`,
      [...filterParameters(filter), filter.before ?? null, filter.limit],
    );
  }

  /**
   * Open letters in the order in which their records failed; they may have arrived in another. Those of one partition that failed at
   * once go by offset, with which an id ends.
   */
  async oldest(filter: DeadLetterFilter, limit: number): Promise<StoredDeadLetter[]> {
    return this.#database.query<StoredDeadLetter>(
      `select ${COLUMNS} from dead_letters d where ${FILTER}
       order by d.failed_at, length(d.id), d.id limit $7`,
      [...filterParameters({ ...filter, state: 'open' }), limit],
    );
  }

  async find(id: string): Promise<StoredDeadLetter | undefined> {
    const rows = await this.#database.query<StoredDeadLetter>(`select ${COLUMNS} from dead_letters d where d.id = $1`, [
      id,
    ]);
    return rows[0];
  }

  /** Marks letters as replayed; answers those that were not before. Whoever else replays them at the same time waits and gets none. */
  async claim(
    tx: Transaction,
    ids: readonly string[],
    replayed: { readonly at: Date; readonly by: string },
  ): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      `update dead_letters set replayed_at = $2, replayed_by = $3 where id = any($1::text[]) and replayed_at is null
       returning id`,
      [ids, replayed.at, replayed.by],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Letters that nobody has replayed. */
  async count(): Promise<number> {
    const rows = await this.#database.query<{ count: string }>(
      'select count(*) from dead_letters where replayed_at is null',
    );
    return Number(rows[0]?.count ?? 0);
  }

  /** Removes at most `limit` letters older than `before`; answers how many. */
  async removeOlder(before: Date, limit: number): Promise<number> {
    const rows = await this.#database.query<{ seq: string }>(
      `with gone as (delete from dead_letters where seq in
         (select seq from dead_letters where failed_at < $1 order by failed_at limit $2) returning seq)
       select seq from gone`,
      [before, limit],
    );
    return rows.length;
  }
}
