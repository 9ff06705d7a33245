import { limitScopeOf, type ConfigurationRecord } from '@provisor/contracts';
import type { Configurations, ScopedCommand } from '@provisor/dispatcher';
import type { CompiledConnection } from '@provisor/provisioning';
import type { FaultKind, Plan, RequestFault, Setup, When } from '../plan/plan.js';
import { ControlTable } from '../tables/control.js';
import { EdgeTable } from '../tables/edges.js';
import { IngestTable } from '../tables/ingest.js';
import { OwnershipTable } from '../tables/ownership.js';
import { SettleTable } from '../tables/settle.js';
import { Tables } from '../tables/tables.js';
import { WorkTable } from '../tables/work.js';
import { Random } from '../time/random.js';
import { EPOCH, VirtualTime } from '../time/virtual-time.js';
import { CommandsTopic } from './commands-topic.js';
import { ConsumerGroup } from './consumer-group.js';
import { DispatcherProcess } from './dispatcher-process.js';
import { connectionOf } from './documents.js';
import { watchFencing } from './fencing-watch.js';
import { Mapping } from './mapping.js';
import { modelConnector } from './model-connector.js';
import { Organisation, userId } from './organisation.js';
import { Remote, remoteStores } from './remote.js';
import { Target, type Account, type Entry } from './target.js';

/** Something that must never be. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

/** How long the group waits for a member that is not heard of. */
const SESSION_MS = 4_000;

const NAMES = ['alpha', 'beta', 'gamma'];

/** Everything of one run: the organisation, mapping, the topic, the database, dispatcher processes, service providers. */
export class World {
  readonly plan: Plan;
  readonly setup: Setup;
  readonly time = new VirtualTime();
  readonly tables = new Tables();
  readonly topic: CommandsTopic;
  readonly group: ConsumerGroup;
  readonly organisation: Organisation;
  readonly mapping: Mapping;
  readonly control = new ControlTable(this.tables);
  readonly targets = new Map<string, Target>();
  /** Accounts that somebody else made, by SP connection, with how they looked. */
  readonly foreign: { readonly connection: string; readonly account: Account; readonly looked: string }[] = [];
  readonly ledger: Entry[] = [];
  readonly violations: Violation[] = [];
  readonly injected = new Map<FaultKind, number>();
  /** Objects that a person, or the loss of an account, caused to be tried again: how often, by `connection\nobject`. */
  readonly triedAgain = new Map<string, number>();
  /** Objects whose removal was approved. */
  readonly approved = new Set<string>();
  readonly weather = {
    down: new Map<string, number>(),
    throttled: new Map<string, number>(),
    unauthorised: new Map<string, number>(),
  };
  /** When faults struck. */
  readonly struckAt: number[] = [];
  /** Accounts that somebody deleted at a service provider. */
  readonly vanished: { readonly connection: string; readonly objectId: string; readonly at: number }[] = [];
  readonly trace: (line: string) => void;
  healed = false;
  readonly processes: DispatcherProcess[] = [];
  readonly #random: Random;
  readonly #versions = new Map<string, number>();
  readonly #stores;
  readonly #views = new WeakMap<DispatcherProcess, Map<string, number>>();
  readonly #awaitFaults = new Map<string, FaultKind>();
  readonly #requestFaults = new Map<string, RequestFault>();
  #awaits = 0;
  readonly #requests = new Map<string, number>();
  #mappingDue = false;

  /** `trace` hears what dispatchers log. */
  constructor(plan: Plan, trace: (line: string) => void = () => undefined) {
    this.plan = plan;
    this.trace = (line) => trace(`${((this.time.now - EPOCH) / 1_000).toFixed(3)} ${line}`);
    this.setup = plan.setup;
    this.#random = new Random(plan.seed + 77);
    const now = (): number => this.time.now;
    this.topic = new CommandsTopic(this.setup.partitions);
    this.organisation = new Organisation(this.setup, now);
    const edges = new EdgeTable(this.tables);
    this.#stores = {
      ingest: new IngestTable(this.tables, edges),
      settle: new SettleTable(this.tables, edges),
      edges,
      work: new WorkTable(this.tables),
      ownership: new OwnershipTable(this.tables, now),
    };
    this.edges = edges;
    for (const name of NAMES.slice(0, this.setup.connections)) {
      this.#versions.set(name, 1);
      this.targets.set(name, new Target(name, this.setup, now));
    }
    this.mapping = new Mapping({
      changes: () => this.organisation.changes,
      topic: this.topic,
      connections: () => [...this.targets.keys()].map((name) => this.connection(name)),
      scopeOf: (name) => this.scopeOf(name),
      now,
    });
    this.group = new ConsumerGroup({
      topic: this.topic,
      time: this.time,
      random: this.#random.fork(),
      committed: (partition, offset) => this.#checkCommit(partition, offset),
    });
    this.#sortFaults();
  }
  readonly edges: EdgeTable;

  #sortFaults(): void {
    for (const fault of this.plan.faults) {
      if (fault.kind === 'crash' || fault.kind === 'database')
        this.#awaitFaults.set(`${fault.kind} ${fault.await} ${fault.when}`, fault.kind);
      else if ('request' in fault)
        this.#requestFaults.set(`${this.nameOf(fault.connection)} ${fault.object} ${fault.request}`, fault.kind);
    }
  }

  /** An SP connection as it is configured now. */
  connection(name: string): CompiledConnection {
    return connectionOf(name, this.setup, this.#versions.get(name) ?? 1);
  }

  nameOf(index: number): string {
    return NAMES[index] ?? 'alpha';
  }

  scopeOf(name: string): { limitScope: string; partition: number } {
    const limitScope = limitScopeOf(this.connection(name).document);
    const at = this.setup.sharedScope ? 0 : NAMES.indexOf(name);
    return { limitScope, partition: at % this.setup.partitions };
  }

  inject(kind: FaultKind): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + 1);
    this.struckAt.push(this.time.now);
  }

  /** When accounts of an object came to be gone, by us or by somebody at the service provider. */
  lossesOf(connection: string, objectId: string): number[] {
    return [...this.vanished, ...this.ledger.filter(({ deletes }) => deletes)]
      .filter((one) => one.connection === connection && one.objectId === objectId)
      .map(({ at = 0 }) => at);
  }

  /** Every violation counts once. */
  violate(invariant: string, message: string): void {
    if (this.violations.length < 20) this.violations.push({ invariant, message });
  }

  tryAgain(connection: string, objectIds: readonly string[]): void {
    for (const id of objectIds) {
      const key = `${connection}\n${id}`;
      this.triedAgain.set(key, (this.triedAgain.get(key) ?? 0) + 1);
    }
  }

  /** Accounts that were there before us: two of nobody here, and one that carries a user's name. */
  plantForeignAccounts(): void {
    for (const [connection, target] of this.targets) {
      const strangers = [0, 1].map((index) =>
        target.plant('user', { userName: `stranger${index}`, externalId: `elsewhere-${index}`, title: 'theirs' }),
      );
      target.plant('user', { userName: userId(1), title: 'ours to be' });
      for (const account of strangers)
        this.foreign.push({ connection, account, looked: JSON.stringify([account.active, account.attributes]) });
    }
  }

  spawn(): DispatcherProcess {
    const process = new DispatcherProcess(this.processes.length, this.time, this.#random.fork());
    this.processes.push(process);
    const view = new Map(this.#versions);
    this.#views.set(process, view);
    const remote = new Remote({
      process,
      time: this.time,
      random: this.#random.fork(),
      count: () => (this.#awaits += 1),
      crashes: (number, when) => this.#crashes(process, number, when),
      fails: (number, when) => this.#happens('database', number, when),
    });
    const configurations: Configurations = {
      get: (name) => {
        const version = view.get(name);
        return version === undefined
          ? undefined
          : { connection: connectionOf(name, this.setup, version).document, version };
      },
    };
    process.start({
      stores: remoteStores(
        watchFencing(this.#stores, this.tables, (message) => this.violate('I3', message)),
        remote,
      ),
      configurations,
      connectors: (document) => Promise.resolve(this.#connector(process, document.metadata.name)),
      log: tracingLog((level, message, fields) => {
        const { err, ...others } = fields;
        const error = err instanceof Error ? err.message : '';
        this.trace(`process ${process.id} ${level} ${message} ${error} ${JSON.stringify(others)}`);
        if (level === 'error' && error.includes('unique constraint')) this.violate('I4', `${message}: ${error}`);
      }),
    });
    this.group.join(process);
    return process;
  }

  #connector(process: DispatcherProcess, name: string) {
    const target = this.targets.get(name);
    if (target === undefined) throw new Error(`There is no target ${name}.`);
    const until = (of: Map<string, number>) => (connection: string) => of.get(connection) ?? 0;
    return modelConnector({
      connection: name,
      scope: this.scopeOf(name).limitScope,
      target,
      process,
      time: this.time,
      random: this.#random.fork(),
      setup: this.setup,
      ledger: this.ledger,
      trace: this.trace,
      weather: {
        fault: (connection, objectId) => this.#requestFault(`${connection} ${objectId}`),
        downUntil: until(this.weather.down),
        throttledUntil: until(this.weather.throttled),
        unauthorisedUntil: until(this.weather.unauthorised),
      },
      count: () => (this.#awaits += 1),
      crashes: (number, when) => this.#crashes(process, number, when),
      epoch: () => this.tables.partitions.get(this.scopeOf(name).partition)?.epoch ?? 0,
      kill: () => this.kill(process),
    });
  }

  #requestFault(about: string): RequestFault | undefined {
    const request = (this.#requests.get(about) ?? 0) + 1;
    this.#requests.set(about, request);
    const fault = this.healed ? undefined : this.#requestFaults.get(`${about} ${request}`);
    if (fault !== undefined) this.inject(fault);
    return fault;
  }

  #happens(kind: 'crash' | 'database', number: number, when: When): boolean {
    if (this.healed || !this.#awaitFaults.has(`${kind} ${number} ${when}`)) return false;
    this.inject(kind);
    return true;
  }

  #crashes(process: DispatcherProcess, number: number, when: When): boolean {
    if (process.dead || !this.#happens('crash', number, when)) return false;
    this.kill(process);
    return true;
  }

  /** The process is gone with everything in its memory; another one starts, and the group notices later. */
  kill(process: DispatcherProcess): void {
    if (process.dead) return;
    process.kill();
    this.time.after(this.#random.between(500, SESSION_MS), () => this.group.leave(process));
    this.#replace();
  }

  /** SIGTERM. */
  stop(process: DispatcherProcess): void {
    if (process.dead || process.frozen || process.stopping) return;
    process.stopping = true;
    this.group.leave(process);
    void process.engine.stop(18_000).then(() => process.kill());
    this.#replace();
  }

  #replace(): void {
    this.time.after(this.#random.between(50, 3_000), () => {
      if (this.alive().length < this.setup.processes) this.spawn();
    });
  }

  freeze(process: DispatcherProcess, ms: number): void {
    if (process.dead || process.frozen) return;
    process.freeze();
    const expelled = ms > SESSION_MS;
    if (expelled) this.time.after(SESSION_MS, () => this.group.leave(process));
    this.time.after(ms, () => {
      if (process.dead) return;
      process.thaw();
      if (expelled) this.group.join(process);
    });
  }

  /** Processes that are to go on. */
  alive(): DispatcherProcess[] {
    return this.processes.filter((process) => !process.dead && !process.stopping);
  }

  /** Mapping looks after what is new a moment later. */
  map(crashes = false): void {
    if (this.#mappingDue && !crashes) return;
    this.#mappingDue = true;
    this.time.after(this.#random.between(5, crashes ? 50 : 200), () => {
      this.#mappingDue = false;
      this.mapping.run(crashes);
      if (crashes) this.map();
    });
  }

  get mapped(): boolean {
    return this.mapping.idle && !this.#mappingDue;
  }

  /** The document of an SP connection changes; each process hears of it in its own time. */
  configure(name: string): void {
    const version = (this.#versions.get(name) ?? 1) + 1;
    this.#versions.set(name, version);
    this.mapping.reconfigured();
    this.map();
    const failed = this.tables.objectsOf(name).map((row) => row.objectId);
    this.tryAgain(name, failed);
    for (const process of this.alive())
      this.time.after(this.#random.between(1, 300), () =>
        process.deliver(() => {
          this.#views.get(process)?.set(name, version);
          const record = { version, document: this.connection(name).document } as unknown as ConfigurationRecord;
          process.engine.configured(name, record).catch(() => undefined);
        }),
      );
  }

  /** An operator changed something in the database; whoever owns the SP connection is told. */
  notify(name: string): void {
    for (const process of this.alive())
      this.time.after(this.#random.between(1, 50), () =>
        process.deliver(() => void process.engine.refresh(name).catch(() => undefined)),
      );
  }

  records(): ScopedCommand[] {
    return this.topic.partitions.flatMap((partition) => this.topic.records(partition));
  }

  /** I10: what is committed has been taken in. */
  #checkCommit(partition: number, offset: number): void {
    for (const { command } of this.topic.records(partition).slice(0, offset)) {
      const version = this.tables.object(command)?.version;
      const { sequence, config } = command.version;
      const taken =
        version !== undefined &&
        (version.sequence > sequence || (version.sequence === sequence && version.config >= config));
      if (!taken)
        this.violate(
          'I10',
          `Offset ${offset} was committed before ${command.objectId} ${sequence}.${config} was taken in.`,
        );
    }
  }
}

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>>;

function tracingLog(tell: (level: Level, message: string, fields: Fields) => void) {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}): void =>
      tell(level, message, fields);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  return log;
}
