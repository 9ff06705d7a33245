import type { EntityManager } from 'typeorm';

/** PostgreSQL as one service sees it: its own schema is the search path. */
export interface Database {
  /** Runs one statement and gives its rows, whatever the statement is. Throws a QueryProblem. */
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** Commits when `work` resolves, rolls back when it rejects. Work that waits for anything but the database holds locks meanwhile. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * Calls `callback` for each notification on `channel`, and once without a payload after a lost connection was made anew, when
   * notifications may have been missed. Returns how to end it.
   */
  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => Promise<void>>;
  /** A connection outside the pool, for session locks. */
  session(purpose: string): Promise<Session>;
  /** Throws if the database does not answer within 2 s. */
  ping(): Promise<void>;
  close(): Promise<void>;
  /** TypeORM's view of the schema's entities. */
  readonly entities: EntityManager;
  /** Name of the schema. */
  readonly schema: string;
}

export type Transaction = Pick<Database, 'query' | 'entities'>;

/** One dedicated connection. What it holds (locks) is gone when it is lost. */
export interface Session {
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** Aborted when the connection is closed or lost. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}
