import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startKafka, startPostgres } from '@provisor/embedded';
import { silentLogger } from '@provisor/telemetry';
import { startContainerKafka, startContainerPostgres } from './containers/test-containers.js';

const inContainers = process.env['PROVISOR_TEST_CONTAINERS'] === 'true';
const DIR = fileURLToPath(new URL('../../../.provisor/test', import.meta.url));

/**
 * Vitest's global set-up of integration tests: a broker and a database for the run, unless PROVISOR_TEST_KAFKA (`host:port`) and
 * PROVISOR_TEST_DATABASE (a superuser's connection string) name some; in containers if PROVISOR_TEST_CONTAINERS is true, else as child
 * processes. Tests read the same two variables, make databases of their own and put a prefix of their own before topic names, so the
 * data of earlier runs does not matter.
 */
export async function setup(): Promise<() => Promise<void>> {
  const started = await Promise.all([broker(), database()]);
  return async () => {
    for (const service of started) await service?.stop();
  };
}

async function broker(): Promise<{ stop(): Promise<void> } | undefined> {
  if (process.env['PROVISOR_TEST_KAFKA'] !== undefined) return undefined;
  const kafka = inContainers
    ? await startContainerKafka()
    : await startKafka({ dir: join(DIR, 'kafka'), log: silentLogger });
  process.env['PROVISOR_TEST_KAFKA'] = kafka.brokers;
  return kafka;
}

async function database(): Promise<{ stop(): Promise<void> } | undefined> {
  if (process.env['PROVISOR_TEST_DATABASE'] !== undefined) return undefined;
  if (inContainers) {
    const postgres = await startContainerPostgres();
    process.env['PROVISOR_TEST_DATABASE'] = postgres.url;
    return postgres;
  }
  const postgres = await startPostgres({ dir: join(DIR, 'postgres'), log: silentLogger });
  process.env['PROVISOR_TEST_DATABASE'] = postgres.url('postgres');
  return postgres;
}
