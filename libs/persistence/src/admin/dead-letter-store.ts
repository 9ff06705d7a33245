import type { DeadLetter } from '@provisor/contracts';
import type { Database } from '../database/database.js';
import { jsonbText } from './jsonb-text.js';

export interface StoredDeadLetter {
  /** Order of arrival; the cursor of listings. */
  readonly seq: string;
  readonly letter: DeadLetter;
}

/** Records that nobody could process, as they arrived on the dead letters topic. */
export class DeadLetterStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Idempotent by id. */
  async add(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.#database.query(
      `insert into dead_letters (id, stage, code, topic, failed_at, letter)
       select l->>'id', l->>'stage', l->'cause'->>'code', l->'origin'->>'topic', (l->>'failedAt')::timestamptz, l
       from unnest($1::jsonb[]) as l
       on conflict (id) do nothing`,
      [letters.map(jsonbText)],
    );
  }

  /** Newest first, before the one named by the cursor `before`. */
  async list(o: { before?: string; stage?: string; limit: number }): Promise<StoredDeadLetter[]> {
    return this.#database.query<StoredDeadLetter>(
      `select seq, letter from dead_letters
       where ($1::bigint is null or seq < $1) and ($2::text is null or stage = $2) order by seq desc limit $3`,
      [o.before ?? null, o.stage ?? null, o.limit],
    );
  }

  async find(id: string): Promise<DeadLetter | undefined> {
    const rows = await this.#database.query<{ letter: DeadLetter }>('select letter from dead_letters where id = $1', [
      id,
    ]);
    return rows[0]?.letter;
  }

  async count(): Promise<number> {
    const rows = await this.#database.query<{ count: string }>('select count(*) from dead_letters');
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
