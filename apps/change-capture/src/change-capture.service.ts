import { NestFactory } from '@nestjs/core';
import {
  identityChanges,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  type DataStore,
} from '@provisor/contracts';
import {
  loadKey,
  NestLogger,
  SecretResolver,
  type HealthReport,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@provisor/host';
import { KafkaClient, KafkaStrategy } from '@provisor/kafka';
import { captureSchema, openDatabase, OutboxRelay, type Database } from '@provisor/persistence';
import { changeCaptureConfig, type ChangeCaptureConfig } from './change-capture.config.js';
import { ChangeCaptureModule } from './change-capture.module.js';
import { Capturer } from './capturer/capturer.js';
import { DataStoreCaptures } from './capturer/data-store-captures.js';
import { kafkaSettings } from './kafka-settings.js';
import { openSource } from './open-source.js';

/** How long health waits for the database. */
const HEALTH_MS = 800;

/**
 * Watches the data stores of the configuration and publishes what their objects are now to identity.changes.v1: from the directory into
 * the tables and the outbox of schema `capture`, and from there, by the relay, to Kafka.
 */
export const changeCaptureService: ServiceDefinition<ChangeCaptureConfig> = {
  name: 'change-capture',
  config: changeCaptureConfig,
  start,
};

async function start(context: ServiceContext<ChangeCaptureConfig>): Promise<RunningService> {
  // Closed in the opposite order.
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await startParts(context, opened);
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    throw error;
  }
}

async function startParts(
  { config, log, clock, env }: ServiceContext<ChangeCaptureConfig>,
  opened: (() => Promise<unknown>)[],
): Promise<RunningService> {
  const key = await loadKey(config);
  const secrets = new SecretResolver({ env, ...(key === undefined ? {} : { key }) });
  const database = await openDatabase({
    url: config.databaseUrl,
    schema: captureSchema,
    poolSize: config.databasePool,
    log,
    applicationName: 'provisor change-capture',
  });
  opened.push(() => database.close());

  const kafka = new KafkaClient(await kafkaSettings(config), { log, clock });
  opened.push(() => kafka.close());
  const { topicReplication } = config;
  await kafka
    .admin()
    .ensureTopics(
      [identityChanges, provisioningConfig, provisioningControl, provisioningDeadLetters],
      topicReplication === undefined ? {} : { replicationFactor: topicReplication },
    );
  const producer = await kafka.producer();
  const relay = new OutboxRelay({ database, log, clock, publish: (records) => producer.send(records) });
  await relay.start();
  opened.push(() => relay.stop());

  const create = ({ metadata, spec }: DataStore) =>
    new Capturer({
      dataStore: metadata.name,
      spec,
      openSource: () => openSource(spec, secrets),
      database,
      log,
      clock,
      nudge: () => relay.nudge(),
    });
  const captures = new DataStoreCaptures({ create, log });
  opened.push(() => captures.stop());

  const strategy = new KafkaStrategy({ client: kafka, groupId: 'provisor.change-capture', stage: 'capture' });
  const app = await NestFactory.createMicroservice(ChangeCaptureModule.with(database), {
    strategy,
    logger: new NestLogger(log),
    abortOnError: false,
  });
  opened.push(() => app.close());
  await app.listen();

  const view = kafka.compactedView(provisioningConfig, 'capture');
  view.onChange((name, record) => captures.configure(name, record));
  await view.start();
  opened.push(() => view.close());

  return { health: () => health({ database, strategy, relay, captures }), stop: () => closeAll(opened) };
}

async function health(o: {
  database: Database;
  strategy: KafkaStrategy;
  relay: OutboxRelay;
  captures: DataStoreCaptures;
}): Promise<HealthReport> {
  const consumer = o.strategy.health();
  const pending = await soon(o.relay.pending());
  return {
    live: consumer?.healthy !== false,
    // A data store that is away is no reason to send nobody to the others: it is told in the details and by a metric.
    ready: pending !== undefined && consumer?.joined === true,
    details: {
      database: pending === undefined ? 'does not answer' : 'answers',
      control: consumer?.joined === true ? 'member of its group' : 'not a member of its group yet',
      outbox: pending ?? 'unknown',
      dataStores: o.captures.status(),
    },
  };
}

/** Undefined if it fails or takes too long. */
async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), HEALTH_MS);
  return Promise.race([work.catch(() => undefined), late.promise]).finally(() => clearTimeout(timer));
}

async function closeAll(opened: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.splice(0).reverse()) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
