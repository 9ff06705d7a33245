import {
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  provisioningResults,
} from '@provisor/contracts';
import {
  encryptSecret,
  loadKey,
  SecretResolver,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@provisor/host';
import { KafkaClient, KafkaStrategy } from '@provisor/kafka';
import { adminSchema, openDatabase, OutboxRelay, type Database } from '@provisor/persistence';
import { adminApiConfig, type AdminApiConfig } from './admin-api.config.js';
import { healthReport } from './admin-api.health.js';
import { createParts, type AdminApiParts } from './admin-api.parts.js';
import { loadAdminToken } from './admin-token.js';
import { createHttpApp, requestHandler } from './create-http-app.js';
import { TopicsRead } from './dead-letters/newer-records.js';
import type { Vault } from './documents/seal-secrets.js';
import { kafkaSettings } from './kafka-settings.js';
import { Opened } from './opened.js';
import { ResultNotices } from './results/result-notices.js';
import { Retention } from './results/retention.js';
import { httpCaptureSource, noCaptureSource } from './status/capture-source.js';
import { HttpStatusSource } from './status/http-status-source.js';
import type { StatusSource } from './status/status-source.js';
import { VERSION } from './version.js';

type Context = ServiceContext<AdminApiConfig>;

/** The service; `statusSource` replaces the question over HTTP where dispatchers run in the same process. */
export function createAdminApiService(o: { statusSource?: StatusSource } = {}): ServiceDefinition<AdminApiConfig> {
  return {
    name: 'admin-api',
    config: adminApiConfig,
    start: async (context) => {
      const opened = new Opened();
      try {
        return await start(context, opened, o.statusSource);
      } catch (error) {
        await opened.close().catch(() => undefined);
        throw error;
      }
    },
  };
}

export const adminApiService = createAdminApiService();

async function start(context: Context, opened: Opened, statusSource?: StatusSource): Promise<RunningService> {
  const { config, log, clock } = context;
  const token = await loadAdminToken({ token: config.adminToken, file: config.adminTokenFile, log });
  const vault = vaultOf(await loadKey(config), context);
  if (!vault) log.warn('PROVISOR_KEY is not set: secrets cannot be stored, only referred to by env and file.');

  const database = await openDatabase({
    url: config.databaseUrl,
    schema: adminSchema,
    poolSize: config.databasePool,
    log,
    applicationName: 'provisor admin-api',
  });
  opened.add(() => database.close());
  const kafka = await openKafka(context, opened);
  const relay = await startRelay({ context, database, kafka, opened });

  const notices = new ResultNotices(database);
  const parts = createParts({
    database,
    clock,
    vault,
    dispatchers:
      statusSource ?? new HttpStatusSource({ urls: config.dispatcherUrls ?? [], token: config.internalToken }),
    capture: config.captureUrl === undefined ? noCaptureSource : httpCaptureSource(config.captureUrl),
    newer: new TopicsRead(kafka),
    committed: () => relay.nudge(),
    resultsStored: () => notices.send(),
    version: VERSION,
  });
  opened.add(await notices.listen(() => parts.feed.arrived()));
  startRetention(context, parts, opened);
  const intake = await serve({ context, parts, token, kafka, opened });
  return { health: () => healthReport({ database, intake }), stop: () => opened.close() };
}

async function openKafka({ config, log, clock }: Context, opened: Opened): Promise<KafkaClient> {
  const kafka = new KafkaClient(await kafkaSettings(config), { log, clock });
  opened.add(() => kafka.close());
  await kafka
    .admin()
    .ensureTopics(
      [provisioningConfig, provisioningControl, provisioningResults, provisioningDeadLetters],
      config.topicReplication === undefined ? {} : { replicationFactor: config.topicReplication },
    );
  return kafka;
}

async function startRelay(o: { context: Context; database: Database; kafka: KafkaClient; opened: Opened }) {
  const producer = await o.kafka.producer();
  const { log, clock } = o.context;
  const relay = new OutboxRelay({ database: o.database, log, clock, publish: (records) => producer.send(records) });
  await relay.start();
  o.opened.add(() => relay.stop());
  return relay;
}

function startRetention({ config, clock, log }: Context, parts: AdminApiParts, opened: Opened): void {
  const retention = new Retention({
    stores: [
      { what: 'results', store: parts.results, keepMs: config.resultsRetention },
      { what: 'dead letters', store: parts.deadLetters, keepMs: config.deadLettersRetention },
    ],
    clock,
    log,
  });
  retention.start();
  opened.add(() => retention.stop());
}

/** Starts the intake from Kafka and gives /v1 to the API. */
async function serve(o: { context: Context; parts: AdminApiParts; token: string; kafka: KafkaClient; opened: Opened }) {
  const { context, parts, token, kafka, opened } = o;
  const app = await createHttpApp({ parts, token, log: context.log, now: () => context.clock.now() });
  const intake = new KafkaStrategy({
    client: kafka,
    groupId: 'provisor.admin',
    stage: 'record',
    maxBatch: 1000,
    // The history may be this much late: it is written in larger batches, and leaves the machine to what somebody waits for.
    fetch: { minBytes: 65_536, waitMs: 200 },
  });
  app.connectMicroservice({ strategy: intake });
  opened.add(() => app.close());
  await app.init();
  await app.startAllMicroservices();
  context.mount('/v1', await requestHandler(app));
  opened.add(async () => parts.feed.stop());
  return intake;
}

function vaultOf(key: Buffer | undefined, { env }: Context): Vault | undefined {
  if (key === undefined) return undefined;
  const resolver = new SecretResolver({ env, key });
  return {
    seal: (text) => encryptSecret(text, key),
    open: (sealed) => resolver.resolve({ encrypted: sealed }).catch(() => undefined),
  };
}
