import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly name: string;
  /** Keeps everybody else from reading and writing a table until the returned function is called. */
  lock(table: string): Promise<() => Promise<void>>;
  /** Removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * An empty database of its own on a PostgreSQL server (a URL whose user may create databases), the one that PROVISOR_TEST_DATABASE names
 * unless given, so that test files cannot see each other. Throws a sentence if there is none.
 */
export async function createTestDatabase(server = process.env.PROVISOR_TEST_DATABASE): Promise<TestDatabase> {
  if (server === undefined || server === '') {
    throw new Error('Set PROVISOR_TEST_DATABASE to a PostgreSQL URL whose user may create databases.');
  }
  const name = `provisor_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    lock: (table) => locked(url.href, table),
    drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function locked(url: string, table: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return () => client.end();
}
