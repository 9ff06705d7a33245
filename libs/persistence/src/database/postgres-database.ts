import type pg from 'pg';
import { QueryRunnerAlreadyReleasedError, type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { Database, Session, Transaction } from './database.js';
import type { NotificationListener } from './notification-listener.js';
import { PreparedStatements } from './prepared-statements.js';
import { QueryProblem } from './query-problem.js';

const PING_MS = 2_000;

export interface PostgresDatabaseParts {
  readonly source: DataSource;
  readonly schema: string;
  readonly listener: NotificationListener;
  openSession(purpose: string): Promise<Session>;
}

/** The pool of one service over TypeORM's data source. */
export class PostgresDatabase implements Database {
  readonly #parts: PostgresDatabaseParts;
  readonly #statements = new PreparedStatements(() => performance.now());
  #closed: Promise<void> | undefined;

  constructor(parts: PostgresDatabaseParts) {
    this.#parts = parts;
  }

  get schema(): string {
    return this.#parts.schema;
  }

  get entities(): EntityManager {
    return this.#parts.source.manager;
  }

  async query<T>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    const runner = this.#parts.source.createQueryRunner();
    try {
      await this.#refresh(runner);
      return await this.#rowsOf<T>(runner, sql, params);
    } finally {
      await runner.release();
    }
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const runner = this.#parts.source.createQueryRunner();
    try {
      await this.#refresh(runner);
      await control(runner, 'BEGIN');
      const result = await work({
        query: (sql, params) => this.#rowsOf(runner, sql, params ?? []),
        entities: runner.manager,
      });
      await control(runner, 'COMMIT');
      return result;
    } catch (error) {
      // A connection that cannot roll back is lost, and with it the transaction.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  listen(channel: string, callback: (payload: string | undefined) => void): Promise<() => Promise<void>> {
    return this.#parts.listener.listen(channel, callback);
  }

  session(purpose: string): Promise<Session> {
    return this.#parts.openSession(purpose);
  }

  async ping(): Promise<void> {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('The database did not answer within 2 s.')), PING_MS);
    try {
      await Promise.race([this.query('SELECT 1'), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #refresh(runner: QueryRunner): Promise<void> {
    try {
      await this.#statements.refresh(await clientOf(runner));
    } catch (error) {
      throw new QueryProblem(error, 'DISCARD PLANS');
    }
  }

  async #rowsOf<T>(runner: QueryRunner, sql: string, params: readonly unknown[]): Promise<T[]> {
    try {
      const client = await clientOf(runner);
      const { rows } = await (params.length === 0
        ? client.query(sql)
        : client.query(this.#statements.query(sql, params)));
      return (rows ?? []) as T[];
    } catch (error) {
      throw new QueryProblem(error, sql);
    }
  }

  async #close(): Promise<void> {
    await this.#parts.listener.close();
    await this.#parts.source.destroy();
  }
}

/** TypeORM's own way to ask cannot prepare a statement. */
async function clientOf(runner: QueryRunner): Promise<pg.ClientBase> {
  // Its connection was lost, and with it whatever had begun.
  if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
  return (await runner.connect()) as pg.ClientBase;
}

async function control(runner: QueryRunner, step: 'BEGIN' | 'COMMIT'): Promise<void> {
  try {
    await (step === 'BEGIN' ? runner.startTransaction() : runner.commitTransaction());
  } catch (error) {
    throw new QueryProblem(error, step);
  }
}
