import {
  document,
  documentKey,
  encodeRecord,
  identityChanges,
  provisioningCommands,
  provisioningConfig,
  provisioningDeadLetters,
  provisioningResults,
  type IdentityChange,
  type ProvisioningCommand,
  type TopicContract,
} from '@provisor/contracts';
import { systemClock, type RunningService } from '@provisor/host';
import { KafkaClient, type ReceivedRecord } from '@provisor/kafka';
import { ConnectionStore, mappingSchema, openDatabase, type Database } from '@provisor/persistence';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, until, type TestDatabase } from '@provisor/testing';
import { randomBytes } from 'node:crypto';
import { channel } from './examples.fixture.js';
import { mappingService } from './mapping.service.js';

const BROKERS = process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092';

/** An installation of mapping alone: own database, own topics, real broker. */
export class MappingBench {
  readonly prefix = `test-${randomBytes(5).toString('hex')}.`;
  readonly #running = new Set<RunningService>();
  readonly kafka = new KafkaClient(
    { brokers: BROKERS.split(','), clientId: 'test', topicPrefix: this.prefix },
    { log: silentLogger, clock: systemClock },
  );
  #testDatabase: TestDatabase | undefined;
  #database: Database | undefined;
  #configVersion = 0;

  get database(): Database {
    if (this.#database === undefined) throw new Error('Not opened.');
    return this.#database;
  }

  async open(): Promise<this> {
    this.#testDatabase = await createTestDatabase();
    this.#database = await openDatabase({
      url: this.#testDatabase.url,
      schema: mappingSchema,
      log: silentLogger,
      applicationName: 'test',
    });
    const topics = [identityChanges, provisioningConfig, provisioningResults, provisioningDeadLetters];
    await this.kafka.admin().ensureTopics([...topics, provisioningCommands('scim')], { partitions: 3 });
    return this;
  }

  async start(env: Record<string, string> = {}): Promise<RunningService> {
    const config = mappingService.config.parse({
      KAFKA_BROKERS: BROKERS,
      TOPIC_PREFIX: this.prefix,
      DATABASE_URL: this.#testDatabase?.url,
      ...env,
    });
    const service = await mappingService.start({
      config,
      env,
      log: silentLogger,
      clock: systemClock,
      fail: (error) => {
        throw error;
      },
      mount: () => undefined,
    });
    this.#running.add(service);
    return service;
  }

  async stop(service: RunningService): Promise<void> {
    this.#running.delete(service);
    await service.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((service) => service.stop()));
    await this.kafka.close();
    await this.#database?.close();
    await this.#testDatabase?.drop();
  }

  /** Publishes an SP connection; `spec` is what differs from the example. */
  async configure(name: string, spec: Record<string, unknown> = {}): Promise<number> {
    this.#configVersion += 1;
    const value = {
      version: this.#configVersion,
      document: document.parse({
        apiVersion: 'provisor/v1',
        kind: 'SpConnection',
        metadata: { name },
        spec: { target: TARGET, channels: [channel()], ...spec },
      }),
      appliedAt: new Date().toISOString(),
      appliedBy: 'test',
    };
    const meta = { id: String(this.#configVersion), source: '/test', time: new Date() };
    await this.#send(provisioningConfig.name, encodeRecord(provisioningConfig, value, meta));
    return this.#configVersion;
  }

  async removeConfiguration(name: string): Promise<void> {
    await this.#send(provisioningConfig.name, { key: documentKey('SpConnection', name), value: null, headers: {} });
  }

  async change(...changes: readonly IdentityChange[]): Promise<void> {
    const producer = await this.kafka.producer();
    await producer.send(
      changes.map((change) => {
        const id = `${change.dataStore}:${change.objectId}:${change.sequence}`;
        const encoded = encodeRecord(identityChanges, change, { id, source: '/test', time: new Date() });
        return { topic: identityChanges.name, ...encoded };
      }),
    );
  }

  async raw(key: string, value: string): Promise<void> {
    await this.#send(identityChanges.name, { key, value, headers: {} });
  }

  /** Resolves when every change is mapped and every evaluation that is due is complete. */
  async settled(): Promise<void> {
    await until('all changes to be mapped and all evaluations to be complete', async () => {
      const lag = await this.kafka.admin().lag('provisor.mapping', [identityChanges.name]);
      const known = await new ConnectionStore().list(this.database);
      const current = Math.max(0, ...known.map(({ configVersion }) => configVersion));
      return (
        lag.every((partition) => partition.lag === 0n) &&
        known.every((c) => c.removed || c.stopped || c.evaluatedRequest === c.request) &&
        (current === this.#configVersion || known.some(({ removed }) => removed))
      );
    });
  }

  /** Everything that was told so far. */
  async commands(): Promise<readonly ReceivedRecord<ProvisioningCommand>[]> {
    return this.read(provisioningCommands('scim'));
  }

  async read<T>(contract: TopicContract<T>): Promise<readonly ReceivedRecord<T>[]> {
    const records: ReceivedRecord<T>[] = [];
    await this.kafka.readToEnd({ contract, handle: async (batch) => void records.push(...batch) });
    return records;
  }

  async #send(topic: string, record: { key: string; value: string | null; headers: Record<string, string> | object }) {
    const producer = await this.kafka.producer();
    await producer.send([{ topic, key: record.key, value: record.value, headers: { ...record.headers } }]);
  }
}

const TARGET = { type: 'scim', baseUrl: 'https://scim.example/v2', auth: { type: 'none' } };
