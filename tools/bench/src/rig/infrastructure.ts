import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { holdFolder, KAFKA_VERSION, startKafka, startPostgres } from '@provisor/embedded';
import { silentLogger } from '@provisor/telemetry';
import { findProcess } from '../machine/process-table.js';
import { queryOnce } from './query.js';

export const BROKER_HEAP_MB = 1024;

/** A broker and a database server. */
export interface Infrastructure {
  readonly dir: string;
  readonly brokers: string;
  /** A superuser's connection string. */
  readonly databaseUrl: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Process ids by name, of those that were started here. */
  readonly processes: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/**
 * Starts a broker and a database server with nothing in them, in a folder that one run at a time may use, or takes those that
 * PROVISOR_TEST_KAFKA and PROVISOR_TEST_DATABASE name.
 *
 * @throws EmbeddedProblem
 */
export async function startInfrastructure(dir: string): Promise<Infrastructure> {
  mkdirSync(dir, { recursive: true });
  await holdFolder(dir, 'A benchmark');
  const given = { brokers: process.env['PROVISOR_TEST_KAFKA'], databaseUrl: process.env['PROVISOR_TEST_DATABASE'] };
  if (given.brokers !== undefined && given.databaseUrl !== undefined) {
    const { brokers, databaseUrl } = given;
    return {
      dir,
      brokers,
      databaseUrl,
      versions: await versions(databaseUrl),
      processes: {},
      stop: async () => undefined,
    };
  }
  const at = (name: string): string => join(dir, 'infrastructure', name);
  for (const name of ['kafka', 'postgres']) rmSync(at(name), { recursive: true, force: true });
  const starting = await Promise.allSettled([
    startAnyhow(() => startKafka({ dir: at('kafka'), heapMb: BROKER_HEAP_MB, log: silentLogger })),
    startPostgres({
      dir: at('postgres'),
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        'pg_stat_statements.track': 'top',
        'pg_stat_statements.track_planning': 'on',
      },
      log: silentLogger,
    }),
  ]);
  const [kafka, postgres] = starting;
  const stop = async (): Promise<void> => {
    for (const part of starting) if (part.status === 'fulfilled') await part.value.stop();
  };
  if (kafka.status === 'rejected' || postgres.status === 'rejected') {
    await stop();
    throw kafka.status === 'rejected' ? kafka.reason : (postgres as PromiseRejectedResult).reason;
  }
  const databaseUrl = postgres.value.url('postgres');
  process.env['PROVISOR_TEST_KAFKA'] = kafka.value.brokers;
  process.env['PROVISOR_TEST_DATABASE'] = databaseUrl;
  await queryOnce(databaseUrl, 'create extension if not exists pg_stat_statements');
  const broker = findProcess(process.pid, 'kafka.Kafka');
  return {
    dir,
    brokers: kafka.value.brokers,
    databaseUrl,
    versions: await versions(databaseUrl),
    processes: { postgres: postgres.value.pid, ...(broker !== undefined && { kafka: broker }) },
    stop,
  };
}

/** A free port may be taken by somebody else before it is used, so a failure is tried once more. */
const startAnyhow = <T>(start: () => Promise<T>): Promise<T> => start().catch(start);

async function versions(databaseUrl: string): Promise<Record<string, string>> {
  const [row] = await queryOnce<{ server_version: string }>(databaseUrl, 'show server_version');
  return { kafka: KAFKA_VERSION, postgres: row?.server_version ?? 'unknown' };
}
