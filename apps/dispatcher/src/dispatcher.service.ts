import { NestFactory } from '@nestjs/core';
import {
  dispatcherGroup,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  provisioningResults,
} from '@provisor/contracts';
import {
  NestLogger,
  type HealthReport,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@provisor/host';
import { KafkaStrategy, type TopicPartition } from '@provisor/kafka';
import { CONTROL_CHANNEL } from '@provisor/persistence';
import { metrics } from '@provisor/telemetry';
import { dispatcherConfig, type DispatcherConfig } from './dispatcher.config.js';
import { DispatcherModule } from './dispatcher.module.js';
import { openParts, type DispatcherParts } from './dispatcher.parts.js';
import { INTERNAL_PREFIX, internalHttp } from './status/internal-http.js';

/** How long health waits for the database. */
const HEALTH_MS = 800;
/** Calls in flight at a stop have this long to end. */
const DRAIN_MS = 18_000;

/**
 * Closes the difference between desired and applied state at the service providers of one target type: commands go into the
 * tables of schema `dispatch`, calls go to the targets, and what they come to goes to provisioning.results.v1.
 */
export const dispatcherService: ServiceDefinition<DispatcherConfig> = {
  name: 'dispatcher',
  config: dispatcherConfig,
  start,
};

async function start(context: ServiceContext<DispatcherConfig>): Promise<RunningService> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await startParts(context, opened);
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    throw error;
  }
}

async function startParts(
  context: ServiceContext<DispatcherConfig>,
  opened: (() => Promise<unknown>)[],
): Promise<RunningService> {
  const { config, log } = context;
  requireToken(config);
  const parts = await openParts(context, opened);
  const { kafka, relay, view, engine, control, report, holds, reconciliations } = parts;
  const { targetType, topicReplication } = config;
  const commands = provisioningCommands(targetType);
  const topics = [commands, provisioningResults, provisioningConfig, provisioningControl, provisioningDeadLetters];
  await kafka
    .admin()
    .ensureTopics(topics, topicReplication === undefined ? {} : { replicationFactor: topicReplication });
  await relay.start();
  opened.push(() => relay.stop());
  await view.start();
  view.onChange((key, record) => {
    const [kind, name = ''] = key.split('/', 2);
    if (kind === 'SpConnection')
      engine
        .configured(name, record)
        .catch((error: unknown) =>
          log.warn('A configuration could not be taken over', { err: error, spConnection: name }),
        );
  });
  opened.push(...(await listenForControl(context, parts)));
  engine.start();
  opened.push(() => engine.stop(DRAIN_MS));
  const observations = observe(parts);
  opened.push(async () => endAll(observations));

  const strategy = new KafkaStrategy({
    client: kafka,
    groupId: dispatcherGroup(targetType),
    stage: 'dispatch',
    // What is in hand when the consumer stops is the ingest of one batch per partition: short.
    drainMs: 5_000,
    onAssigned: async (partitions) => engine.assign(of(commands.name, partitions)),
    onRevoked: async (partitions) => {
      void engine.revoke(of(commands.name, partitions));
    },
  });
  const app = await NestFactory.createMicroservice(DispatcherModule.with({ targetType, engine, control }), {
    strategy,
    logger: new NestLogger(log),
    abortOnError: false,
  });
  opened.push(() => app.close());
  await app.listen();
  context.mount(INTERNAL_PREFIX, internalHttp({ report, holds, reconciliations, token: config.internalToken, log }));
  return { health: () => health(parts, strategy), stop: () => closeAll(opened) };
}

const of = (topic: string, partitions: readonly TopicPartition[]): number[] =>
  partitions.filter((one) => one.topic === topic).map((one) => one.partition);

function requireToken(config: DispatcherConfig): void {
  const loopback = config.httpHost === 'localhost' || config.httpHost === '::1' || config.httpHost.startsWith('127.');
  if (config.internalToken === undefined && !loopback)
    throw new Error(
      `INTERNAL_TOKEN must be set, because the port is reachable from outside (HTTP_HOST is ${config.httpHost}).`,
    );
}

/** The owner of an SP connection hears here that an operator has changed something about it. */
async function listenForControl(
  { log }: ServiceContext<DispatcherConfig>,
  { database, engine, status }: DispatcherParts,
): Promise<(() => Promise<unknown>)[]> {
  const refresh = (name: string): void => {
    engine
      .refresh(name)
      .catch((error: unknown) =>
        log.warn('A control command could not be taken over', { err: error, spConnection: name }),
      );
  };
  const end = await database.listen(CONTROL_CHANNEL, (name) => {
    if (name !== undefined) {
      refresh(name);
      return;
    }
    // Notifications may have been missed.
    status
      .gauges()
      .then((all) => all.forEach(({ spConnection }) => refresh(spConnection)))
      .catch((error: unknown) => log.warn('The state of the SP connections cannot be read', { err: error }));
  });
  return [end];
}

type Gauges = Awaited<ReturnType<DispatcherParts['status']['gauges']>>;

function observe({ status }: DispatcherParts): (() => void)[] {
  let reading: Promise<Gauges> | undefined;
  // All gauges of one collection share one query.
  const read = (): Promise<Gauges> => (reading ??= status.gauges().finally(() => (reading = undefined)));
  const gauge = (name: Parameters<typeof metrics.gauge>[0], value: (of: Gauges[number]) => number): (() => void) =>
    metrics.gauge(name, async () =>
      (await read()).map((one) => ({ value: value(one), attributes: { sp_connection: one.spConnection } })),
    );
  return [
    gauge('provisioning.pending', (one) => one.pending),
    gauge('provisioning.oldest_pending_age', (one) => one.oldestPendingAgeMs / 1000),
    gauge('provisioning.failed', (one) => one.failed),
    gauge('provisioning.held', (one) => one.held),
    gauge('provisioning.quarantined', (one) => (one.quarantined ? 1 : 0)),
    gauge('provisioning.accounting.difference', (one) => one.accounting.difference),
    metrics.gauge('provisioning.accounting', async () =>
      (await read()).flatMap(({ spConnection, accounting: { difference: _, ...accounting } }) =>
        Object.entries(accounting).map(([state, value]) => ({
          value,
          attributes: { sp_connection: spConnection, state },
        })),
      ),
    ),
  ];
}

const endAll = (endings: readonly (() => void)[]): void => endings.forEach((end) => end());

async function health({ relay, engine }: DispatcherParts, strategy: KafkaStrategy): Promise<HealthReport> {
  const consumer = strategy.health();
  const pending = await soon(relay.pending());
  const owned = engine.owned();
  return {
    live: consumer?.healthy !== false,
    // A service provider that is away is no reason to take the dispatcher away from the others.
    ready: pending !== undefined && consumer?.joined === true,
    details: {
      database: pending === undefined ? 'does not answer' : 'answers',
      commands: consumer?.joined === true ? 'member of its group' : 'not a member of its group yet',
      partitions: owned,
      queued: consumer?.queued ?? 0,
      struggling: consumer?.struggling ?? [],
      outbox: pending ?? 'unknown',
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
