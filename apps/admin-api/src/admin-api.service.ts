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
import { createParts } from './admin-api.parts.js';
import { loadAdminToken } from './admin-token.js';
import { createHttpApp, requestHandler } from './create-http-app.js';
import type { Vault } from './documents/seal-secrets.js';
import { kafkaSettings } from './kafka-settings.js';
import { ResultNotices } from './results/result-notices.js';
import { Retention } from './results/retention.js';
import { httpCaptureSource, noCaptureSource } from './status/capture-source.js';
import { HttpStatusSource } from './status/http-status-source.js';
import type { StatusSource } from './status/status-source.js';
import { VERSION } from './version.js';

/** How long health waits for the database. */
const HEALTH_MS = 800;

/** The service; `statusSource` replaces the question over HTTP where dispatchers run in the same process. */
export function createAdminApiService(o: { statusSource?: StatusSource } = {}): ServiceDefinition<AdminApiConfig> {
  return { name: 'admin-api', config: adminApiConfig, start: (context) => start(context, o.statusSource) };
}

export const adminApiService = createAdminApiService();

/** What is open, in the order in which it was opened; closed backwards. */
class Opened {
  readonly #closings: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closings.unshift(close);
  }

  /** Closes everything, whatever fails meanwhile; then rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closings.splice(0)) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

async function start(context: ServiceContext<AdminApiConfig>, statusSource?: StatusSource): Promise<RunningService> {
  const opened = new Opened();
  try {
    return await startParts(context, opened, statusSource);
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function startParts(
  { config, log, clock, env, mount }: ServiceContext<AdminApiConfig>,
  opened: Opened,
  statusSource?: StatusSource,
): Promise<RunningService> {
  const token = await loadAdminToken({ token: config.adminToken, file: config.adminTokenFile, log });
  const vault = vaultOf(await loadKey(config), env);
  if (!vault) log.warn('PROVISOR_KEY is not set: secrets cannot be stored, only referred to by env and file.');

  const database = await openDatabase({
    url: config.databaseUrl,
    schema: adminSchema,
    poolSize: config.databasePool,
    log,
    applicationName: 'provisor admin-api',
  });
  opened.add(() => database.close());

  const kafka = new KafkaClient(await kafkaSettings(config), { log, clock });
  opened.add(() => kafka.close());
  await kafka
    .admin()
    .ensureTopics(
      [provisioningConfig, provisioningControl, provisioningResults, provisioningDeadLetters],
      config.topicReplication === undefined ? {} : { replicationFactor: config.topicReplication },
    );
  const producer = await kafka.producer();
  const relay = new OutboxRelay({ database, log, clock, publish: (records) => producer.send(records) });
  await relay.start();
  opened.add(() => relay.stop());

  const notices = new ResultNotices(database);
  const parts = createParts({
    database,
    clock,
    vault,
    dispatchers:
      statusSource ?? new HttpStatusSource({ urls: config.dispatcherUrls ?? [], token: config.internalToken }),
    capture: config.captureUrl === undefined ? noCaptureSource : httpCaptureSource(config.captureUrl),
    committed: () => relay.nudge(),
    resultsStored: () => notices.send(),
    version: VERSION,
  });
  opened.add(await notices.listen(() => parts.feed.arrived()));

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

  const app = await createHttpApp({ parts, token, log, now: () => clock.now() });
  const strategy = new KafkaStrategy({ client: kafka, groupId: 'provisor.admin', stage: 'record', maxBatch: 1000 });
  app.connectMicroservice({ strategy });
  opened.add(() => app.close());
  await app.init();
  await app.startAllMicroservices();
  mount('/v1', await requestHandler(app));
  opened.add(async () => parts.feed.stop());

  return {
    health: () => health({ database, relay, strategy }),
    stop: () => opened.close(),
  };
}

async function health(o: { database: Database; relay: OutboxRelay; strategy: KafkaStrategy }) {
  const consumer = o.strategy.health();
  const database = await answersSoon(o.database);
  return {
    live: consumer?.healthy !== false,
    ready: database && consumer?.joined === true,
    details: {
      database: database ? 'answers' : 'does not answer',
      intake: consumer?.joined === true ? 'member of its group' : 'not a member of its group yet',
      queued: consumer?.queued ?? 0,
      struggling: consumer?.struggling ?? [],
    },
  };
}

async function answersSoon(database: Database): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), HEALTH_MS);
  const answer = database.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

function vaultOf(key: Buffer | undefined, env: ServiceContext<AdminApiConfig>['env']): Vault | undefined {
  if (key === undefined) return undefined;
  const resolver = new SecretResolver({ env, key });
  return {
    seal: (text) => encryptSecret(text, key),
    open: (sealed) => resolver.resolve({ encrypted: sealed }).catch(() => undefined),
  };
}
