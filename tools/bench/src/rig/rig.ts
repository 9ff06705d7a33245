import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdminClient } from '@provisor/admin-client';
import { readConfiguration } from '@provisor/contracts';
import { BASE_DN, DirectoryClient } from '@provisor/demo';
import { ServiceProcess, SERVICES, type ServiceName } from '@provisor/e2e';
import { until } from '@provisor/testing';
import { startDirectory, type EmbeddedDirectory } from '@provisor/embedded';
import { systemClock } from '@provisor/host';
import { KafkaClient } from '@provisor/kafka';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, type TenantSettings } from '@provisor/testing';
import { Client } from 'ldapts';
import { TargetProcess } from '../target/target-process.js';
import { dataStoreDocument } from '../workload/documents.js';
import { toLdif, type BenchPerson } from '../workload/people.js';
import { forgetTopics } from './forget-topics.js';
import type { Infrastructure } from './infrastructure.js';
import { queryOnce } from './query.js';

/** Heap of each service, in MiB: what the Kubernetes manifests give it. */
export const SERVICE_HEAP_MB = 384;

export interface RigOptions {
  readonly infrastructure: Infrastructure;
  /** For its folder. */
  readonly name: string;
  readonly services?: readonly ServiceName[];
  /** Replicas of the dispatcher; 1 unless given. */
  readonly dispatchers?: number;
  /** Who is in the directory; there is none where absent. */
  readonly people?: readonly BenchPerson[];
  readonly target?: Partial<TenantSettings>;
  /** CPU profiles of the services go here. */
  readonly profileDir?: string | undefined;
}

/**
 * An installation to be measured: services, service provider and directory as processes of their own, with a database and topics of
 * their own. Everything durable, as in production: acks=all, fsync and synchronous commit on.
 */
export class Rig {
  readonly kafka: KafkaClient;
  readonly dir: string;
  readonly topicPrefix = `bench-${randomBytes(4).toString('hex')}.`;
  readonly adminToken = randomBytes(24).toString('base64url');
  readonly #options: RigOptions;
  readonly #closings: (() => Promise<unknown>)[] = [];
  readonly #services: ServiceProcess[] = [];
  readonly #secrets = { key: randomBytes(32).toString('base64url'), internal: randomBytes(24).toString('base64url') };
  #databaseUrl = '';
  #target: TargetProcess | undefined;
  #directory: EmbeddedDirectory | undefined;
  #client: DirectoryClient | undefined;
  #root: Client | undefined;

  private constructor(options: RigOptions) {
    this.#options = options;
    this.dir = join(options.infrastructure.dir, 'rigs', `${options.name}-${this.topicPrefix.slice(6, 14)}`);
    this.kafka = new KafkaClient(
      { brokers: options.infrastructure.brokers.split(','), clientId: 'bench', topicPrefix: this.topicPrefix },
      { log: silentLogger, clock: systemClock },
    );
    this.#closings.push(() => forgetTopics(options.infrastructure.brokers, this.topicPrefix));
    this.#closings.push(() => this.kafka.close());
  }

  /** Everything started and ready, nothing configured. What was started is stopped again when something fails. */
  static async open(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options);
    try {
      await rig.#open();
      return rig;
    } catch (error) {
      await rig.close().catch(() => undefined);
      throw error;
    }
  }

  async #open(): Promise<void> {
    mkdirSync(this.dir, { recursive: true });
    const { services = SERVICES, dispatchers = 1, people, target = {} } = this.#options;
    const database = await createTestDatabase();
    this.#databaseUrl = database.url;
    this.#closings.push(() => database.drop());
    const parts = await Promise.allSettled([
      TargetProcess.start(this.dir, target).then((process) => this.#keepTarget(process)),
      people === undefined ? undefined : this.#startDirectory(people),
    ]);
    for (const part of parts) if (part.status === 'rejected') throw part.reason;
    for (const name of services)
      for (let replica = 1; replica <= (name === 'dispatcher' ? dispatchers : 1); replica += 1)
        await this.#addService(name, replica);
    this.#closings.push(() => this.stopServices());
    const starts = await Promise.allSettled(this.#services.map((service) => service.start()));
    for (const start of starts) if (start.status === 'rejected') throw start.reason;
  }

  #keepTarget(target: TargetProcess): void {
    this.#target = target;
    this.#closings.push(() => target.stop());
  }

  async #startDirectory(everybody: readonly BenchPerson[]): Promise<void> {
    const dataDir = join(this.dir, 'directory');
    mkdirSync(dataDir, { recursive: true });
    const ldif = join(dataDir, 'people.ldif');
    writeFileSync(ldif, toLdif(everybody));
    const directory = await startDirectory({
      baseDn: BASE_DN,
      dataDir,
      ldif,
      maxChangeLogEntries: 1_000_000,
      heapMb: 1_024 + Math.ceil(everybody.length / 25),
      saved: false,
    });
    this.#directory = directory;
    this.#closings.push(() => directory.stop());
    const client = await DirectoryClient.connect(directory);
    this.#client = client;
    this.#closings.push(() => client.close());
    const root = new Client({ url: directory.url, timeout: 60_000 });
    await root.bind(directory.bindDn, directory.password);
    this.#root = root;
    this.#closings.push(() => root.unbind());
  }

  async #addService(name: ServiceName, replica: number): Promise<void> {
    const dir = join(this.dir, `${name}-${replica}`);
    mkdirSync(dir, { recursive: true });
    this.#services.push(await ServiceProcess.create({ name, dir, env: () => this.#environment() }));
  }

  get services(): readonly ServiceProcess[] {
    return this.#services;
  }

  service(name: ServiceName): ServiceProcess {
    return known(
      this.#services.find((service) => service.name === name),
      name,
    );
  }

  /** All replicas. */
  get dispatchers(): readonly ServiceProcess[] {
    return this.#services.filter(({ name }) => name === 'dispatcher');
  }

  get target(): TargetProcess {
    return known(this.#target, 'service provider');
  }

  get directory(): EmbeddedDirectory {
    return known(this.#directory, 'directory');
  }

  /** For changes, as an administrator makes them. */
  get directoryClient(): DirectoryClient {
    return known(this.#client, 'directory');
  }

  /** The number of the directory's last change. */
  async lastChange(): Promise<number> {
    const found = await this.#root?.search('', { scope: 'base', attributes: ['lastChangeNumber'] });
    return Number(found?.searchEntries[0]?.['lastChangeNumber'] ?? 0);
  }

  get admin(): AdminClient {
    return new AdminClient({ url: this.service('admin-api').url, token: this.adminToken });
  }

  get brokers(): string[] {
    return this.#options.infrastructure.brokers.split(',');
  }

  get databaseUrl(): string {
    return this.#databaseUrl;
  }

  get dataStore(): string {
    return dataStoreDocument(this.directory);
  }

  query<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return queryOnce<T & Record<string, unknown>>(this.#databaseUrl, text, values);
  }

  /** Through the admin API. */
  async apply(...yaml: readonly string[]): Promise<void> {
    const { documents, problems } = readConfiguration(yaml.join('---\n'));
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    await this.admin.applyDocuments({ body: { documents } });
  }

  /** Process ids of everything that is measured, by name. */
  get processes(): Readonly<Record<string, number>> {
    const services = this.#services.flatMap(({ name, pid, running }) => (running && pid ? [[name, pid] as const] : []));
    const own: Record<string, number> = { target: this.target.pid };
    if (this.#directory !== undefined) own['directory'] = this.#directory.pid;
    return { ...Object.fromEntries(services), ...own, ...this.#options.infrastructure.processes };
  }

  until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    withinMs: number,
    everyMs = 100,
  ): Promise<T> {
    return until(what, look, { withinMs, everyMs, explain: () => this.tails() });
  }

  tails(): string {
    return this.#services.map((service) => service.tail(5)).join('\n');
  }

  async stopServices(): Promise<void> {
    await Promise.all(this.#services.filter(({ running }) => running).map((service) => service.stop()));
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#closings.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #environment(): NodeJS.ProcessEnv {
    const { brokers } = this.#options.infrastructure;
    const replica = (name: ServiceName): string[] =>
      this.#services.filter((service) => service.name === name).map(({ url }) => url);
    return {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NODE_OPTIONS: this.#nodeOptions(),
      KAFKA_BROKERS: brokers,
      TOPIC_PREFIX: this.topicPrefix,
      DATABASE_URL: this.#databaseUrl,
      PROVISOR_KEY: this.#secrets.key,
      INTERNAL_TOKEN: this.#secrets.internal,
      ADMIN_TOKEN: this.adminToken,
      DISPATCHER_URLS: replica('dispatcher').join(','),
      CAPTURE_URL: replica('change-capture')[0],
      DIRECTORY_PASSWORD: this.#directory?.password,
      SP_TOKEN: this.target.token,
    };
  }

  #nodeOptions(): string {
    const { profileDir } = this.#options;
    const heap = `--max-old-space-size=${SERVICE_HEAP_MB}`;
    if (profileDir === undefined) return heap;
    return `${heap} --cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profileDir}`;
  }
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`There is no ${name} in this installation.`);
  return value;
}
