import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminClient, type SpConnectionStatus } from '@provisor/admin-client';
import { readConfiguration } from '@provisor/contracts';
import { generateOrganisation, type DirectoryContent, type Organisation } from '@provisor/demo';
import { systemClock } from '@provisor/host';
import { KafkaClient } from '@provisor/kafka';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, startScimTarget, type ScimTarget, type TenantSettings } from '@provisor/testing';
import { Closings } from './closings.js';
import { DATA_STORE, dataStoreDocument, spConnectionDocument } from './documents.js';
import { ServiceProcess, SERVICES, type ServiceName } from './service-process.js';
import { ServiceProvider } from './service-provider.js';
import { SourceDirectory } from './source-directory.js';
import { until, type Patience } from '@provisor/testing';

export interface InstallationOptions {
  /** People in the directory; there are 40 groups besides. */
  readonly users: number;
  /** Names of the SP connections, each of which has a service provider of the same name. */
  readonly spConnections: readonly string[];
  /** What organisation it is; printed. Random unless given. */
  readonly seed?: string;
  /** Instead of a generated one. */
  readonly organisation?: Organisation;
  readonly target?: Partial<TenantSettings>;
  /** More lines of the data store's `spec`, indented by two. */
  readonly dataStore?: string;
  /** False: nothing is configured until `configure` is called. */
  readonly configured?: boolean;
  /** host:port of the broker; those of PROVISOR_TEST_KAFKA unless given. */
  readonly brokers?: string;
  /** A superuser's URL of the database server; that of PROVISOR_TEST_DATABASE unless given. */
  readonly databaseServer?: string;
  /** Where logs and data lie, which stay; a temporary folder that is removed at the end unless given. */
  readonly dir?: string;
  /** More variables for every service. */
  readonly environment?: NodeJS.ProcessEnv;
}

const ADMIN_TOKEN = randomBytes(24).toString('base64url');
const INTERNAL_TOKEN = randomBytes(24).toString('base64url');

/**
 * A whole Provisor, seen from outside: the four services as processes of their own with a database and topics of their own on the broker
 * and the server that PROVISOR_TEST_KAFKA and PROVISOR_TEST_DATABASE name, an LDAP directory with a generated organisation, and service
 * providers that keep a ledger of every request.
 */
export class Installation {
  readonly dir: string;
  readonly organisation: Organisation;
  readonly topicPrefix = `e2e-${randomBytes(4).toString('hex')}.`;
  readonly kafka: KafkaClient;
  readonly token = ADMIN_TOKEN;
  readonly #options: InstallationOptions;
  readonly #closings = new Closings();
  readonly #services = new Map<string, ServiceProcess>();
  readonly #providers = new Map<string, ServiceProvider>();
  readonly brokers: readonly string[];
  readonly #key = randomBytes(32).toString('base64url');
  #directory: SourceDirectory | undefined;
  #target: ScimTarget | undefined;
  #databaseUrl = '';

  private constructor(options: InstallationOptions) {
    this.#options = options;
    const seed = options.seed ?? randomBytes(4).toString('hex');
    if (options.organisation === undefined)
      process.stdout.write(`Organisation of ${options.users} people, seed ${seed}\n`);
    this.organisation = options.organisation ?? generateOrganisation({ users: options.users, seed });
    this.brokers = (options.brokers ?? process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092').split(',');
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'provisor-e2e-'));
    if (options.dir === undefined) this.#closings.add(async () => rmSync(this.dir, { recursive: true, force: true }));
    this.kafka = new KafkaClient(
      { brokers: this.brokers, clientId: 'e2e', topicPrefix: this.topicPrefix },
      { log: silentLogger, clock: systemClock },
    );
    this.#closings.add(() => this.kafka.close());
  }

  /** Everything started, ready and configured. What was started is stopped again when something fails. */
  static async open(options: InstallationOptions): Promise<Installation> {
    const installation = new Installation(options);
    try {
      await installation.#open();
      return installation;
    } catch (error) {
      await installation.close();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const [database, target, directory] = await Promise.all([
      createTestDatabase(this.#options.databaseServer),
      startScimTarget({ settings: { uniqueExternalId: false, uniqueGroupName: false, ...this.#options.target } }),
      SourceDirectory.create(join(this.dir, 'directory')),
    ]);
    this.#closings.add(() => database.drop());
    this.#closings.add(() => target.stop());
    this.#closings.add(() => directory.stop());
    this.#databaseUrl = database.url;
    this.#target = target;
    this.#directory = directory;
    for (const name of this.#options.spConnections) {
      const provider = await ServiceProvider.create(name, target);
      this.#closings.add(() => provider.gate.close());
      this.#providers.set(name, provider);
    }
    for (const name of SERVICES)
      this.#services.set(name, await ServiceProcess.create({ name, dir: this.dir, env: () => this.#environment() }));
    this.#closings.add(() => this.stopServices());
    const starting = [directory.startWith(this.organisation), ...this.services.map((service) => service.start())];
    const failed = (await Promise.allSettled(starting)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    if (this.#options.configured !== false) await this.configure();
  }

  /** Another process of a service, with a name of its own; not started. It is stopped with the others. */
  async addReplica(name: ServiceName, label: string): Promise<ServiceProcess> {
    const replica = await ServiceProcess.create({ name, label, dir: this.dir, env: () => this.#environment() });
    this.#services.set(label, replica);
    return replica;
  }

  /** Replicas included. */
  get services(): readonly ServiceProcess[] {
    return [...this.#services.values()];
  }

  service(name: ServiceName): ServiceProcess {
    return known(this.#services.get(name), name);
  }

  /** The database that the services share; each has a schema of its own in it. */
  get databaseUrl(): string {
    return this.#databaseUrl;
  }

  get targetToken(): string {
    return known(this.#target, 'target').token;
  }

  /** Everything secret that the services know, by what it is. */
  get secrets(): Readonly<Record<string, string>> {
    return {
      'admin token': ADMIN_TOKEN,
      'internal token': INTERNAL_TOKEN,
      'encryption key': this.#key,
      'directory password': this.directory.password,
      'target token': this.targetToken,
      'database password': new URL(this.#databaseUrl).password,
    };
  }

  get directory(): SourceDirectory {
    return known(this.#directory, 'directory');
  }

  provider(name: string): ServiceProvider {
    return known(this.#providers.get(name), name);
  }

  get admin(): AdminClient {
    return new AdminClient({ url: this.service('admin-api').url, token: ADMIN_TOKEN });
  }

  /** The documents of this installation as one YAML file. */
  get configuration(): string {
    const { url, bindDn } = this.directory;
    const { dataStore: more } = this.#options;
    return [
      dataStoreDocument({ url, bindDn, ...(more !== undefined && { more }) }),
      ...[...this.#providers.values()].map(({ name, baseUrl }) => spConnectionDocument({ name, baseUrl })),
    ].join('---\n');
  }

  async configure(configuration = this.configuration): Promise<void> {
    const { documents, problems } = readConfiguration(configuration);
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    await this.admin.applyDocuments({ body: { documents } });
  }

  /** Polls; on a failure the ends of the services' logs are in the error. @throws NotInTime */
  until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    patience: Patience = {},
  ): Promise<T> {
    return until(what, look, { explain: () => this.tails(), ...patience });
  }

  /**
   * Waits until a service provider has exactly what the directory says and the dispatcher has nothing more to do for it.
   *
   * @throws NotInTime with the differences and what the admin API says
   */
  async untilSettled(name: string, o: { readonly withinMs?: number } = {}): Promise<DirectoryContent> {
    const content = await this.directory.content();
    const provider = this.provider(name);
    const wanted = content.people.filter(({ external }) => !external).length;
    const settled = async (): Promise<boolean> => {
      if (provider.accounts !== wanted || provider.tenant.groups.size !== content.groups.length) return false;
      const { counts } = await this.connectionStatus(name);
      if (counts === undefined || counts.pending > 0 || (counts.waitingMemberships ?? 0) > 0) return false;
      return provider.differences(content).length === 0;
    };
    const explain = async (): Promise<string> =>
      [
        `${provider.accounts} of ${wanted} accounts, ${provider.tenant.groups.size} of ${content.groups.length} groups`,
        ...provider.differences(content).slice(0, 10),
        JSON.stringify(await this.connectionStatus(name).catch(String)),
        this.tails(),
      ].join('\n');
    await until(`${name} has what the directory says`, settled, { withinMs: 120_000, everyMs: 100, ...o, explain });
    return content;
  }

  connectionStatus(name: string): Promise<SpConnectionStatus> {
    return this.admin.getSpConnectionStatus({ params: { name } });
  }

  /** What the admin API says of the data store. */
  async dataStoreStatus(): Promise<{ readonly state: string; readonly reason?: string }> {
    const { dataStores } = await this.admin.getStatus();
    return known(
      dataStores.find(({ name }) => name === DATA_STORE),
      DATA_STORE,
    );
  }

  /** Records that a topic has, over all partitions. */
  async records(topic: string): Promise<number> {
    const offsets = await this.kafka.admin().offsets(topic);
    return offsets.reduce((sum, { low, end }) => sum + Number(end - low), 0);
  }

  tails(): string {
    return this.services.map((service) => service.tail()).join('\n');
  }

  /** SIGTERM to all that run. */
  async stopServices(): Promise<void> {
    await Promise.all(this.services.filter(({ running }) => running).map((service) => service.stop()));
  }

  async close(): Promise<void> {
    await this.#closings.run();
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      KAFKA_BROKERS: this.brokers.join(','),
      TOPIC_PREFIX: this.topicPrefix,
      DATABASE_URL: this.#databaseUrl,
      DATABASE_POOL: '8',
      PROVISOR_KEY: this.#key,
      INTERNAL_TOKEN,
      ADMIN_TOKEN,
      DISPATCHER_URLS: this.services
        .filter(({ name }) => name === 'dispatcher')
        .map(({ url }) => url)
        .join(','),
      CAPTURE_URL: this.service('change-capture').url,
      DIRECTORY_PASSWORD: this.directory.password,
      SP_TOKEN: this.targetToken,
      ...this.#options.environment,
    };
  }
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`There is no ${name} in this installation.`);
  return value;
}
