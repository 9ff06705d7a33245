import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { Logger } from '@provisor/telemetry';
import { advisoryLockKey } from './advisory-locks.js';
import { connectPatiently, DatabaseProblem, sessionOptions } from './connect.js';
import type { MigrationClass, ServiceSchema } from './service-schema.js';
import { TypeormLog } from './typeorm-log.js';

export interface MigrateOptions {
  readonly url: string;
  readonly schema: ServiceSchema;
  readonly log: Logger;
  readonly applicationName: string;
  /** How long a starting database is waited for, in milliseconds. */
  readonly patienceMs: number;
}

/**
 * Brings the schema up to date. Replicas that start together take turns by an advisory lock on a connection of its own; those
 * that come later find nothing to do. A lost holder frees the lock. Throws a DatabaseProblem.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { url, schema, log, patienceMs } = options;
  const client = await connectPatiently(
    { url, applicationName: `${options.applicationName} migrations`, statementTimeoutMs: 0 },
    { patienceMs, log },
  );
  try {
    await client.query('SELECT pg_advisory_lock($1, $2)', advisoryLockKey('migrate', schema.name));
    await createSchema(client, schema.name);
    await runMigrations(options);
  } catch (error) {
    if (error instanceof DatabaseProblem) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseProblem(
      'MIGRATION_FAILED',
      `The tables of the schema "${schema.name}" could not be brought up to date (${reason}).`,
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A user without the right to create schemas is fine if somebody has created this one. */
async function createSchema(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA "${name}"`);
}

async function runMigrations({ url, schema, log, applicationName }: MigrateOptions): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema: schema.name,
    applicationName: `${applicationName} migrations`,
    installExtensions: false,
    poolSize: 2,
    poolErrorHandler: () => undefined,
    logger: new TypeormLog(log),
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    extra: sessionOptions({ searchPath: schema.name, statementTimeoutMs: 0 }),
  });
  await source.initialize();
  try {
    const done = await source.runMigrations();
    if (done.length > 0) {
      log.info('Database migrated', { schema: schema.name, migrations: done.map((migration) => migration.name) });
    }
    await warnOfNewerSchema(source, schema.migrations, log);
  } finally {
    await source.destroy();
  }
}

/** An older version beside a newer one is normal during an upgrade: migrations only add until the old version is gone. */
async function warnOfNewerSchema(source: DataSource, known: readonly MigrationClass[], log: Logger): Promise<void> {
  if (known.length === 0) return;
  const rows: { name: string }[] = await source.query('SELECT name FROM migrations');
  const names = new Set(known.map((migration) => new migration().name ?? migration.name));
  const newer = rows.map((row) => row.name).filter((name) => !names.has(name));
  if (newer.length > 0) log.warn('The database was migrated by a newer version', { migrations: newer });
}
