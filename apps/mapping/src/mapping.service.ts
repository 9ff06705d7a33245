import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import {
  identityChanges,
  provisioningCommands,
  provisioningConfig,
  provisioningDeadLetters,
  provisioningResults,
  TARGET_TYPES,
} from '@provisor/contracts';
import {
  loadKey,
  NestLogger,
  sealValue,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@provisor/host';
import { KafkaClient, KafkaStrategy } from '@provisor/kafka';
import { ConnectionStore, LedgerStore, mappingSchema, openDatabase, ScopeGroupStore } from '@provisor/persistence';
import { ConnectionCatalog } from './configuration/connection-catalog.js';
import { EvaluationKeeper } from './evaluation/evaluation-keeper.js';
import { ScopeGroups } from './groups/scope-groups.js';
import { kafkaSettings } from './kafka-settings.js';
import { mappingConfig, type MappingConfig } from './mapping.config.js';
import { mappingHealth } from './mapping.health.js';
import { MappingModule } from './mapping.module.js';
import { ChangeMapper } from './mapping/change-mapper.js';

/** Maps identity changes to provisioning commands. */
export const mappingService: ServiceDefinition<MappingConfig> = { name: 'mapping', config: mappingConfig, start };

const TOPICS = [
  identityChanges,
  provisioningConfig,
  provisioningResults,
  provisioningDeadLetters,
  ...TARGET_TYPES.map(provisioningCommands),
];

async function start(context: ServiceContext<MappingConfig>): Promise<RunningService> {
  const closings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const step of closings.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return await startParts(context, closings, close);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function startParts(
  { config, log, clock }: ServiceContext<MappingConfig>,
  closings: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<RunningService> {
  const key = await loadKey(config);
  const seal = key === undefined ? undefined : (text: string) => sealValue(text, key);
  const { databaseUrl: url, databasePool: poolSize } = config;
  const database = await openDatabase({
    url,
    poolSize,
    schema: mappingSchema,
    log,
    applicationName: 'provisor mapping',
  });
  closings.push(() => database.close());

  const kafka = new KafkaClient(await kafkaSettings(config), { log, clock });
  closings.push(() => kafka.close());
  const { topicReplication: replicationFactor } = config;
  await kafka.admin().ensureTopics(TOPICS, replicationFactor === undefined ? {} : { replicationFactor });

  const catalog = new ConnectionCatalog({ log, canSeal: seal !== undefined });
  const view = kafka.compactedView(provisioningConfig, 'mapping');
  view.onChange((name, record) => catalog.take(name, record));
  await view.start();

  const stores = { connections: new ConnectionStore(), groupStore: new ScopeGroupStore(), groups: new ScopeGroups() };
  const mapper = new ChangeMapper({
    ...stores,
    database,
    catalog,
    seal,
    log,
    clock,
    ledger: new LedgerStore(),
    producer: await kafka.producer(),
    onEvaluationDue: () => keeper.nudge(),
  });
  const keeper = new EvaluationKeeper({ ...stores, kafka, database, catalog, mapper, clock, log });
  stores.groups.load(await stores.groupStore.list(database));
  await keeper.start();
  closings.push(() => keeper.stop());

  const strategy = new KafkaStrategy({ client: kafka, groupId: 'provisor.mapping', stage: 'mapping' });
  const app = await NestFactory.createMicroservice(MappingModule.with(mapper), {
    strategy,
    logger: new NestLogger(log),
  });
  closings.push(() => app.close());
  await app.listen();
  return { health: () => mappingHealth({ strategy, database, catalog, groups: stores.groups, keeper }), stop };
}
