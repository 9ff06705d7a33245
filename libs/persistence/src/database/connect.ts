import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '@provisor/telemetry';
import { isTransient } from './query-problem.js';

export type DatabaseProblemCode =
  'DATABASE_CREDENTIALS' | 'DATABASE_MISSING' | 'DATABASE_UNREACHABLE' | 'DATABASE_REFUSES' | 'MIGRATION_FAILED';

/** The database cannot be used. The message is one sentence for a person, without credentials. */
export class DatabaseProblem extends Error {
  readonly code: DatabaseProblemCode;

  constructor(code: DatabaseProblemCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DatabaseProblem';
    this.code = code;
  }
}

export interface ConnectionSettings {
  readonly url: string;
  readonly applicationName: string;
  readonly searchPath?: string;
  /** Milliseconds; 0 for none. */
  readonly statementTimeoutMs?: number;
}

/** One attempt to connect may take this long. */
export const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/** Settings that node-postgres sends with the start-up packet, so that they hold from the first statement on. */
export function clientConfig(settings: ConnectionSettings): pg.ClientConfig {
  return {
    connectionString: settings.url,
    application_name: settings.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...sessionOptions(settings),
  };
}

/** The part of the settings that the pool shares with single connections. */
export function sessionOptions(settings: Pick<ConnectionSettings, 'searchPath' | 'statementTimeoutMs'>): {
  options?: string;
  statement_timeout?: number;
} {
  return {
    ...(settings.searchPath === undefined ? {} : { options: `-c search_path=${settings.searchPath}` }),
    ...(settings.statementTimeoutMs === undefined ? {} : { statement_timeout: settings.statementTimeoutMs }),
  };
}

/** Connects once. The caller owns the client; an `error` listener is on it, so that a lost connection does not end the process. */
export async function connectClient(settings: ConnectionSettings): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(settings));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Connects to a database that may still be starting: waits with growing pauses up to `patienceMs`. Wrong credentials, a missing
 * database and a refusal by the server's rules fail at once, because waiting does not mend them. Throws a DatabaseProblem.
 */
export async function connectPatiently(
  settings: ConnectionSettings,
  options: { readonly patienceMs: number; readonly log: Logger },
): Promise<pg.Client> {
  const deadline = performance.now() + options.patienceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await connectClient(settings);
    } catch (error) {
      if (!isTransient(error)) throw databaseProblem(error, settings.url);
      if (performance.now() + pause > deadline) throw unreachable(error, settings.url, options.patienceMs);
      options.log.info('The database does not accept connections yet; waiting', {
        database: withoutCredentials(settings.url),
        reason: (error as Error).message || (error as NodeJS.ErrnoException).code,
        nextTryInMs: pause,
      });
      await delay(pause);
    }
  }
}

/** Host, port and database of a connection string. */
export function withoutCredentials(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the given address';
  }
}

function unreachable(error: unknown, url: string, patienceMs: number): DatabaseProblem {
  const { code, message } = error as NodeJS.ErrnoException;
  return new DatabaseProblem(
    'DATABASE_UNREACHABLE',
    `PostgreSQL at ${withoutCredentials(url)} did not accept a connection within ${Math.round(patienceMs / 1000)} s (${message || code}).`,
    error,
  );
}

/** A failure to connect in words, by its SQLSTATE (PostgreSQL documentation, appendix A). */
export function databaseProblem(error: unknown, url: string): DatabaseProblem {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `PostgreSQL at ${withoutCredentials(url)}`;
  if (code === '28P01') {
    return new DatabaseProblem('DATABASE_CREDENTIALS', `${where} rejects the user or password of DATABASE_URL.`, error);
  }
  if (code === '28000') {
    return new DatabaseProblem(
      'DATABASE_REFUSES',
      `${where} refuses this user or host (pg_hba.conf, TLS): ${message}.`,
      error,
    );
  }
  if (code === '3D000') {
    return new DatabaseProblem(
      'DATABASE_MISSING',
      `${where} has no such database: create it, or correct DATABASE_URL.`,
      error,
    );
  }
  return new DatabaseProblem('DATABASE_REFUSES', `${where} cannot be used: ${message}.`, error);
}
