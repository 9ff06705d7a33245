import { mkdirSync } from 'node:fs';
import { generateOrganisation, Random, type Organisation } from '@provisor/demo';
import { Closings, DATA_STORE, Installation, SERVICES, type ServiceName, type ServiceProcess } from '@provisor/e2e';
import type { Tenant } from '@provisor/testing';
import { readConfiguration } from '@provisor/contracts';
import { OffsetSampler } from '../checker/offset-sampler.js';
import { plantForeign, type Foreign } from '../checker/target-checks.js';
import { Generator } from '../workload/generator.js';
import { titleOf, Truth } from '../workload/truth.js';
import { Broker } from './broker.js';
import { DatabaseServer } from './database-server.js';
import { DatabaseView } from './database-view.js';
import { connectionDocument, MANY, type ChaosConnection } from './documents.js';

/** What faults are about; the other one is a witness that nothing of it may be felt at. */
export const VICTIM = 'intranet';
export const WITNESS = 'wiki';
/** Gets what somebody emits, and has nothing to do with the directory. */
export const EMITTED = 'portal';
export const WITNESS_LIMIT = { perSecond: 100, burst: 50 } as const;

export interface WorldOptions {
  /** Data and logs lie here. */
  readonly dir: string;
  readonly seed: string;
  readonly users: number;
  /** Changes of the source in a second. */
  readonly perSecond: number;
}

/** A whole installation with a broker, a database server, a directory and service providers of its own, all of which can be hurt. */
export class World {
  readonly options: WorldOptions;
  readonly broker: Broker;
  readonly database: DatabaseServer;
  readonly installation: Installation;
  readonly truth: Truth;
  readonly generator: Generator;
  readonly view: DatabaseView;
  readonly sampler: OffsetSampler;
  readonly foreign = new Map<string, Foreign>();
  readonly canary: string;
  readonly #closings: Closings;

  private constructor(
    options: WorldOptions,
    parts: { broker: Broker; database: DatabaseServer; installation: Installation; organisation: Organisation },
    closings: Closings,
  ) {
    const { broker, database, installation, organisation } = parts;
    this.options = options;
    this.broker = broker;
    this.database = database;
    this.installation = installation;
    this.#closings = closings;
    this.canary = canaryOf(options.seed);
    this.truth = new Truth(organisation);
    this.view = new DatabaseView(() => database.direct(installation.databaseUrl));
    this.sampler = new OffsetSampler(installation.kafka, this.view);
    this.generator = new Generator({
      truth: this.truth,
      random: new Random(`${options.seed}/workload`),
      client: () => installation.directory.client,
      perSecond: options.perSecond,
      canary: this.canary,
    });
  }

  static async open(options: WorldOptions): Promise<World> {
    mkdirSync(options.dir, { recursive: true });
    const closings = new Closings();
    try {
      const broker = await Broker.start(options.dir);
      closings.add(() => broker.stop());
      const database = await DatabaseServer.start(options.dir);
      closings.add(() => database.stop());
      const organisation = organisationOf(options);
      const installation = await Installation.open({
        users: options.users,
        organisation,
        seed: options.seed,
        spConnections: [VICTIM, WITNESS, EMITTED],
        target: { keepBodies: true, serviceTimeMs: 3 },
        configured: false,
        brokers: broker.address,
        databaseServer: database.url,
        dir: options.dir,
      });
      closings.add(() => installation.close());
      const world = new World(options, { broker, database, installation, organisation }, closings);
      for (const [name, tenant] of world.tenants) world.foreign.set(name, plantForeign(tenant, 10));
      await world.configure();
      return world;
    } catch (error) {
      await closings.run().catch(() => undefined);
      throw error;
    }
  }

  get tenants(): ReadonlyMap<string, Tenant> {
    return new Map([VICTIM, WITNESS].map((name) => [name, this.installation.provider(name).tenant]));
  }

  get victim(): Tenant {
    return this.installation.provider(VICTIM).tenant;
  }

  /**
   * Applies the documents, those of the victim with changes. `missing` is how many objects the source may lack before it is not believed:
   * the workload removes so many that no sane figure would let it go on.
   */
  async configure(changes: Partial<ChaosConnection> = {}, missing = MANY): Promise<void> {
    const { installation } = this;
    const connections = [
      { name: VICTIM, baseUrl: installation.provider(VICTIM).baseUrl, ...changes },
      {
        name: WITNESS,
        baseUrl: installation.provider(WITNESS).baseUrl,
        requestsPerSecond: WITNESS_LIMIT.perSecond,
        burst: WITNESS_LIMIT.burst,
      },
    ];
    const [dataStore = ''] = installation.configuration.split('---\n');
    const percent = missing === MANY ? 100 : 0;
    const health = `  health: { maxMissing: ${missing}, maxMissingPercent: ${percent} }\n`;
    const { documents, problems } = readConfiguration(
      [`${dataStore}${health}`, ...connections.map(connectionDocument)].join('---\n'),
    );
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    await installation.admin.applyDocuments({ body: { documents } });
  }

  /** One of each service. */
  get core(): readonly ServiceProcess[] {
    return SERVICES.map((name) => this.installation.service(name));
  }

  /** Another process of a service, made at the first call; not started. */
  async replica(name: ServiceName, label: string): Promise<ServiceProcess> {
    const known = this.installation.services.find((service) => service.label === label);
    return known ?? (await this.installation.addReplica(name, label));
  }

  /** Whoever does not run, starts; who runs, goes on. Resolves when all of them are ready. */
  async startServices(services: readonly ServiceProcess[] = this.core): Promise<void> {
    for (const service of services) if (!service.running) await service.launch();
    await Promise.all(services.map((service) => service.untilReady(120_000)));
  }

  /** Ends every fault that is still on, whatever it is. */
  async heal(): Promise<void> {
    const { broker, database, installation } = this;
    const gates = [broker.gate, database.gate, installation.directory.gate];
    for (const name of [VICTIM, WITNESS]) gates.push(installation.provider(name).gate);
    for (const gate of gates) gate.poison({});
    for (const tenant of this.tenants.values()) tenant.faults.clear();
    await Promise.all([broker.start(), database.start()]);
    for (const gate of gates) await gate.open();
    for (const service of installation.services) if (service.running) service.thaw();
    await this.startServices();
    for (const service of installation.services)
      if (service.running && service.label !== service.name) await service.stop();
  }

  /** As a person does who has read why objects failed. */
  async retryFailed(): Promise<void> {
    for (const name of this.tenants.keys()) await this.installation.admin.retrySpConnection({ params: { name } });
  }

  /** As a person does who knows that so many really left. */
  acceptSource(): Promise<unknown> {
    return this.installation.admin.acceptDataStore({ params: { name: DATA_STORE } });
  }

  compareSource(): Promise<unknown> {
    return this.installation.admin.compareDataStore({ params: { name: DATA_STORE } });
  }

  close(): Promise<void> {
    return this.#closings.run();
  }
}

const canaryOf = (seed: string): string => `CANARY${new Random(`${seed}/canary`).below(1_000_000_000)}`;

/** The demo's organisation, with revisions as titles and canaries as employee numbers. */
function organisationOf({ users, seed }: WorldOptions): Organisation {
  const { people, groups } = generateOrganisation({ users, seed });
  const canary = canaryOf(seed);
  return {
    groups,
    people: people.map((person) => ({ ...person, title: titleOf(0), employeeNumber: `${canary}-${person.uid}` })),
  };
}
