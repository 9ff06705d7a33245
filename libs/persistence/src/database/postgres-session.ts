import type pg from 'pg';
import type { Session } from './database.js';
import { QueryProblem } from './query-problem.js';

/** A client of its own. Once it is lost it stays lost: whoever needs another one opens another one. */
export class PostgresSession implements Session {
  readonly #client: pg.Client;
  readonly #lost = new AbortController();

  constructor(client: pg.Client) {
    this.#client = client;
    client.on('error', () => this.#lost.abort());
    client.on('end', () => this.#lost.abort());
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async query<T>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    try {
      const { rows } = await this.#client.query(sql, [...params]);
      return rows as T[];
    } catch (error) {
      throw new QueryProblem(error, sql);
    }
  }

  async close(): Promise<void> {
    this.#lost.abort();
    await this.#client.end().catch(() => undefined);
  }
}
