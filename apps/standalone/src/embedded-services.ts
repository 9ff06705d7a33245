import { join } from 'node:path';
import { startKafka, startPostgres, type EmbeddedKafka, type EmbeddedPostgres } from '@provisor/embedded';
import type { Logger } from '@provisor/telemetry';

export interface Backends {
  readonly kafkaBrokers: string;
  readonly databaseUrl: string;
  /** In words, for the summary. */
  readonly described: readonly string[];
  /** Resolves with a sentence when an embedded one ends by itself. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

/** Broker and database: those that the environment names, embedded ones otherwise. @throws EmbeddedProblem */
export async function startBackends(o: { env: NodeJS.ProcessEnv; dir: string; log: Logger }): Promise<Backends> {
  const { env, dir, log } = o;
  const [kafka, postgres] = await both(
    env['KAFKA_BROKERS'] ? undefined : startKafka({ dir: join(dir, 'kafka'), log }),
    env['DATABASE_URL'] ? undefined : startPostgres({ dir: join(dir, 'postgres'), log }),
  );
  const failed = Promise.withResolvers<string>();
  let stopping = false;
  const ended = (name: string) => () => {
    if (!stopping) failed.resolve(`The embedded ${name} ended by itself.`);
  };
  void kafka?.exited.then(ended('Kafka'));
  void postgres?.exited.then(ended('PostgreSQL'));
  return {
    kafkaBrokers: kafka?.brokers ?? env['KAFKA_BROKERS'] ?? '',
    databaseUrl: postgres?.url() ?? env['DATABASE_URL'] ?? '',
    described: [
      kafka ? `Kafka, embedded, at ${kafka.brokers}` : `Kafka at ${env['KAFKA_BROKERS'] ?? ''}`,
      postgres ? `PostgreSQL, embedded, at 127.0.0.1:${postgres.port}` : 'PostgreSQL as DATABASE_URL says',
    ],
    failed: failed.promise,
    stop: async () => {
      stopping = true;
      await Promise.all([kafka?.stop(), postgres?.stop()]);
    },
  };
}

/** Where one does not start, the other is stopped again. */
async function both(
  kafka: Promise<EmbeddedKafka> | undefined,
  postgres: Promise<EmbeddedPostgres> | undefined,
): Promise<[EmbeddedKafka | undefined, EmbeddedPostgres | undefined]> {
  const [first, second] = await Promise.allSettled([kafka, postgres]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  if (first.status === 'fulfilled') await first.value?.stop();
  if (second.status === 'fulfilled') await second.value?.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}
