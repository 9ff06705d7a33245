import { randomUUID } from 'node:crypto';
import { provisioningConfig, type SpConnection } from '@provisor/contracts';
import { createScimConnector } from '@provisor/connector-scim';
import { loadKey, openValue, SecretProblem, SecretResolver, type ServiceContext } from '@provisor/host';
import { KafkaClient, type CompactedView } from '@provisor/kafka';
import {
  AccountingStore,
  ControlStore,
  dispatchSchema,
  EdgeStore,
  GuardStore,
  HoldStore,
  IngestStore,
  LimitStore,
  openDatabase,
  Outbox,
  OutboxRelay,
  OwnershipStore,
  ReconciliationStore,
  SettleStore,
  StatusStore,
  WorkStore,
  type Database,
} from '@provisor/persistence';
import type { ConfigurationRecord } from '@provisor/contracts';
import type { Connector } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import { ControlService } from './control/control-service.js';
import type { ValueOpener } from './delivery/opened-attributes.js';
import type { DispatcherConfig } from './dispatcher.config.js';
import { ConnectionConfigurations } from './engine/connection-configurations.js';
import { DispatchEngine } from './engine/dispatch-engine.js';
import { kafkaSettings } from './kafka-settings.js';
import { HoldReport } from './status/hold-report.js';
import { ReconciliationReport } from './status/reconciliation-report.js';
import { StatusReport } from './status/status-report.js';

/** What the dispatcher consists of, opened and not started. */
export interface DispatcherParts {
  readonly database: Database;
  readonly kafka: KafkaClient;
  readonly relay: OutboxRelay;
  readonly view: CompactedView<ConfigurationRecord>;
  readonly engine: DispatchEngine;
  readonly control: ControlService;
  readonly status: StatusStore;
  readonly report: StatusReport;
  readonly holds: HoldReport;
  readonly reconciliations: ReconciliationReport;
}

/** Opens everything; `opened` gets how to close it, to be done in the opposite order. */
export async function openParts(
  { config, log, clock, env }: ServiceContext<DispatcherConfig>,
  opened: (() => Promise<unknown>)[],
): Promise<DispatcherParts> {
  const key = await loadKey(config);
  const secrets = new SecretResolver({ env, ...(key === undefined ? {} : { key }) });
  const { targetType } = config;
  const database = await openDatabase({
    url: config.databaseUrl,
    schema: dispatchSchema,
    poolSize: config.databasePool,
    log,
    applicationName: `provisor dispatcher ${targetType}`,
  });
  opened.push(() => database.close());
  const kafka = new KafkaClient(await kafkaSettings(config), { log, clock });
  opened.push(() => kafka.close());
  const view = kafka.compactedView(provisioningConfig, 'dispatch');
  const outbox = new Outbox();
  const relay = new OutboxRelay({
    database,
    log,
    clock,
    publish: async (records) => (await kafka.producer()).send(records),
  });
  const configurations = new ConnectionConfigurations(targetType, (name) => view.get(name));
  const nudge = (): void => relay.nudge();
  const reconciliation = new ReconciliationStore(database, new EdgeStore(database, outbox));
  const engine = new DispatchEngine({
    targetType,
    owner: randomUUID(),
    stores: {
      ingest: new IngestStore(database, outbox),
      settle: new SettleStore(database, outbox),
      edges: new EdgeStore(database, outbox),
      work: new WorkStore(database),
      ownership: new OwnershipStore(database, targetType),
      limits: new LimitStore(database, targetType),
      guards: new GuardStore(database),
      accounting: new AccountingStore(database),
      reconciliation,
    },
    configurations,
    connectors: (connection) => connect(connection, secrets, log),
    open: valueOpener(key),
    nudge,
    clock,
    random: Math.random,
    log,
  });
  const status = new StatusStore(database, targetType);
  const report = new StatusReport({ store: status, live: engine, seen: reconciliation, now: () => clock.now() });
  const holds = new HoldReport(new HoldStore(database, targetType));
  const reconciliations = new ReconciliationReport(reconciliation);
  const store = new ControlStore(database, outbox, targetType);
  const control = new ControlService({ store, configurations, nudge, clock, log });
  return { database, kafka, relay, view, engine, control, status, report, holds, reconciliations };
}

/** The one place that knows which connector serves which target type. */
async function connect(connection: SpConnection, secrets: SecretResolver, log: Logger): Promise<Connector> {
  const { target, limits } = connection.spec;
  switch (target.type) {
    case 'scim':
      return createScimConnector({
        target,
        resolveSecret: (reference) => secrets.resolve(reference),
        connections: limits.concurrency,
        log: log.child({ spConnection: connection.metadata.name }),
      });
  }
}

function valueOpener(key: Buffer | undefined): ValueOpener {
  return async (value) => {
    if (key === undefined)
      throw new SecretProblem('SECRET_KEY_MISSING', 'PROVISOR_KEY is not set, so a masked value cannot be opened.');
    return openValue(value, key);
  };
}
