import { DataSource } from 'typeorm';
import type { Logger } from '@provisor/telemetry';
import { CONNECT_TIMEOUT_MS, connectClient, databaseProblem, sessionOptions } from './connect.js';
import type { Database, Session } from './database.js';
import { migrate } from './migrate.js';
import { NotificationListener } from './notification-listener.js';
import { PostgresDatabase } from './postgres-database.js';
import { PostgresSession } from './postgres-session.js';
import type { ServiceSchema } from './service-schema.js';
import { TypeormLog } from './typeorm-log.js';

export interface OpenDatabaseOptions {
  /** postgres://user:password@host:5432/database */
  readonly url: string;
  readonly schema: ServiceSchema;
  /** Most pooled connections; 10 unless given. Sessions and the listener come on top. */
  readonly poolSize?: number;
  readonly log: Logger;
  /** Seen in pg_stat_activity. */
  readonly applicationName: string;
  /** How long a starting database is waited for, in milliseconds; two minutes unless given. */
  readonly patienceMs?: number;
  /** Longest statement in milliseconds; 30 s unless given. */
  readonly statementTimeoutMs?: number;
}

const PATIENCE_MS = 120_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** A transaction whose process hangs must not hold locks for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * Waits for the database, brings the schema up to date and opens the pool. Throws a DatabaseProblem: at once if the credentials
 * are wrong, after `patienceMs` if nothing answers.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  await migrate({ ...options, patienceMs });
  const source = poolOf(options);
  await source.initialize().catch((error: unknown) => {
    throw databaseProblem(error, options.url);
  });
  const openSession = (purpose: string): Promise<Session> => session(options, purpose);
  return new PostgresDatabase({
    source,
    schema: options.schema.name,
    openSession,
    listener: new NotificationListener({ connect: () => connectFor(options, 'listen'), log: options.log }),
  });
}

function poolOf(options: OpenDatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema.name,
    applicationName: options.applicationName,
    installExtensions: false,
    logger: new TypeormLog(options.log),
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    entities: [...options.schema.entities],
    // Without a listener an idle connection that the server closes would end the process.
    poolErrorHandler: (error: unknown) => options.log.warn('An idle database connection was lost', { err: error }),
    extra: {
      ...sessionOptions({
        searchPath: options.schema.name,
        statementTimeoutMs: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      }),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
    },
  });
}

function connectFor(options: OpenDatabaseOptions, purpose: string) {
  return connectClient({
    url: options.url,
    applicationName: `${options.applicationName} ${purpose}`,
    searchPath: options.schema.name,
    statementTimeoutMs: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
  });
}

async function session(options: OpenDatabaseOptions, purpose: string): Promise<Session> {
  return new PostgresSession(await connectFor(options, purpose));
}
