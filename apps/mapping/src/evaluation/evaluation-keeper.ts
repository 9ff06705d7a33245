import { identityChanges, limitScopeOf, type IdentityChange } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { KafkaClient, ReceivedRecord } from '@provisor/kafka';
import {
  evaluationLock,
  type ConnectionStore,
  type Database,
  type KnownConnection,
  type ScopeGroupStore,
  type Session,
} from '@provisor/persistence';
import type { Logger } from '@provisor/telemetry';
import type { ConnectionCatalog } from '../configuration/connection-catalog.js';
import { namedBy, type ScopeGroups } from '../groups/scope-groups.js';
import type { ChangeMapper } from '../mapping/change-mapper.js';
import { newestChanges, type SourceChange } from '../mapping/source-change.js';
import { DispatchPace } from './dispatch-pace.js';

export interface KeeperDependencies {
  readonly kafka: Pick<KafkaClient, 'readToEnd' | 'admin'>;
  readonly database: Database;
  readonly connections: ConnectionStore;
  readonly groupStore: ScopeGroupStore;
  readonly groups: ScopeGroups;
  readonly catalog: ConnectionCatalog;
  readonly mapper: ChangeMapper;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks for due evaluations at least so often: those that another replica left behind. */
const LOOK_EVERY_MS = 5000;
/** A connection that is registered and that this replica has never heard of counts as removed after this. */
const UNKNOWN_IS_REMOVED_MS = 10_000;
/** Changes mapped under one hold of a partition's lock, so that live changes get in between. */
const CHUNK = 500;

/**
 * Announces what this replica has seen of the configuration, and evaluates all objects anew where that is due: a new or changed
 * SP connection, a group of a scope that has been found.
 *
 * An evaluation is due while `evaluated_request` lags behind `request`. A session lock per SP connection gives it to one replica;
 * the lock goes with the session, so after a crash another one begins again from the start, which repeats nothing that the
 * ledger has. It reads the topic twice: first to learn the newest sequence of every object and the groups that scopes name, then
 * to map the newest records. Mapping older ones as well would tell an SP connection of people who have left since. The first
 * pass needs memory for one number per object.
 */
export class EvaluationKeeper {
  readonly #d: KeeperDependencies;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #due = true;
  #loop: Promise<void> | undefined;
  #startedAt = 0;
  #running: readonly string[] = [];

  constructor(dependencies: KeeperDependencies) {
    this.#d = dependencies;
  }

  /** Announces the present configuration, then keeps doing so and evaluates in the background. */
  async start(): Promise<void> {
    this.#startedAt = this.#d.clock.now();
    await this.#announce();
    this.#d.catalog.onChange(() => this.nudge());
    this.#loop = this.#keep();
  }

  /** Something may be due. */
  nudge(): void {
    this.#due = true;
    this.#wake.abort();
  }

  /** Breaks an evaluation off; it is begun again later. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Mapping stops.'));
    this.#wake.abort();
    await this.#loop;
  }

  /** SP connections that this replica evaluates now. */
  get running(): readonly string[] {
    return this.#running;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#due = false;
        await this.#announce();
        await this.#evaluateDue();
      } catch (error) {
        if (!signal.aborted) this.#d.log.warn('Evaluating all objects failed and will be tried again', { err: error });
      }
      if (this.#due || signal.aborted) continue;
      this.#wake = new AbortController();
      await this.#d.clock.sleep(LOOK_EVERY_MS, this.#wake.signal);
    }
  }

  async #announce(): Promise<void> {
    const { entries, removed } = this.#d.catalog.current;
    const seen = [...entries.values()].map(({ name, version, problem }) => ({
      spConnection: name,
      version,
      stopped: problem !== undefined,
    }));
    await this.#d.connections.note(this.#d.database, seen);
    const gone = new Set(removed);
    if (this.#d.clock.now() - this.#startedAt > UNKNOWN_IS_REMOVED_MS)
      for (const { spConnection } of await this.#d.connections.list(this.#d.database))
        if (!entries.has(spConnection)) gone.add(spConnection);
    await this.#d.connections.noteRemoved(this.#d.database, [...gone]);
  }

  async #evaluateDue(): Promise<void> {
    if ((await this.#dueConnections()).length === 0) return;
    const session = await this.#d.database.session('evaluation');
    try {
      const mine: string[] = [];
      for (const { spConnection } of await this.#dueConnections())
        if (await this.#lock(session, spConnection)) mine.push(spConnection);
      // Another replica may have finished one between the look and the lock.
      const due = (await this.#dueConnections()).filter(({ spConnection }) => mine.includes(spConnection));
      if (due.length > 0) await this.#evaluate(due, AbortSignal.any([this.#stopping.signal, session.lost]));
    } finally {
      this.#running = [];
      await session.close();
    }
  }

  async #dueConnections(): Promise<readonly KnownConnection[]> {
    const { entries } = this.#d.catalog.current;
    const known = await this.#d.connections.list(this.#d.database);
    return known.filter(({ spConnection, removed, request, evaluatedRequest, configVersion }) => {
      const entry = entries.get(spConnection);
      const usable = entry?.connection !== undefined && entry.version >= configVersion;
      return !removed && usable && evaluatedRequest < request;
    });
  }

  async #lock(session: Session, spConnection: string): Promise<boolean> {
    const rows = await session.query<{ got: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as got', [
      evaluationLock(spConnection),
    ]);
    return rows[0]?.got === true;
  }

  async #evaluate(due: readonly KnownConnection[], signal: AbortSignal): Promise<void> {
    const began = this.#d.clock.now();
    const spConnections = new Set(due.map(({ spConnection }) => spConnection));
    const versions = new Map([...this.#d.catalog.current.entries].map(([name, { version }]) => [name, version]));
    this.#running = [...spConnections];
    this.#d.log.info('All objects are evaluated for SP connections', { spConnections: this.#running });
    const newest = await this.#survey(spConnections, signal);
    const pace = this.#pace(spConnections);
    let objects = 0;
    await this.#d.kafka.readToEnd({
      contract: identityChanges,
      stage: 'mapping',
      signal,
      handle: async (batch) => {
        const current = batch.filter(({ key, value }) => value !== null && value.sequence >= (newest.get(key) ?? 0));
        objects += current.length;
        await this.#mapChunks(newestChanges(current), batch[0]?.partition ?? 0, { spConnections, pace, signal });
      },
    });
    for (const { spConnection, request } of due) {
      const version = versions.get(spConnection) ?? 0;
      await this.#d.connections.evaluated(this.#d.database, spConnection, { request, version });
    }
    const tookMs = this.#d.clock.now() - began;
    this.#d.log.info('All objects were evaluated', { spConnections: this.#running, objects, tookMs });
  }

  #pace(spConnections: ReadonlySet<string>): DispatchPace {
    const { kafka, clock, catalog, log } = this.#d;
    const documents = [...catalog.current.entries.values()]
      .filter(({ name }) => spConnections.has(name))
      .flatMap(({ connection }) => connection?.document ?? []);
    const destinations = new Map(
      [...Map.groupBy(documents, ({ spec }) => spec.target.type)].map(
        ([targetType, own]) => [targetType, new Set(own.map(limitScopeOf))] as const,
      ),
    );
    return new DispatchPace({ admin: kafka.admin(), clock, log, destinations });
  }

  async #mapChunks(
    changes: readonly SourceChange[],
    partition: number,
    { spConnections, pace, signal }: { spConnections: ReadonlySet<string>; pace: DispatchPace; signal: AbortSignal },
  ): Promise<void> {
    for (let at = 0; at < changes.length; at += CHUNK) {
      await pace.ready(signal);
      await this.#d.mapper.map(partition, changes.slice(at, at + CHUNK), { kind: 'evaluation', spConnections });
    }
  }

  /** The newest sequence of every object by record key; binds the groups that scopes name. */
  async #survey(spConnections: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const newest = new Map<string, number>();
    const groups = new Map<string, IdentityChange>();
    await this.#d.kafka.readToEnd({
      contract: identityChanges,
      stage: 'mapping',
      signal,
      handle: async (batch: readonly ReceivedRecord<IdentityChange>[]) => {
        for (const { key, value } of batch) {
          if (value === null || value.sequence < (newest.get(key) ?? 0)) continue;
          newest.set(key, value.sequence);
          if (value.objectType === 'group') groups.set(key, named(value));
        }
      },
    });
    await this.#bind([...groups.values()], spConnections);
    return newest;
  }

  async #bind(changes: readonly IdentityChange[], spConnections: ReadonlySet<string>): Promise<void> {
    const wanted = this.#d.catalog.current.scopeGroups;
    const news = await this.#d.database.transaction(async (tx) => {
      this.#d.groups.load(await this.#d.groupStore.list(tx));
      const found = this.#d.groups.news(changes, wanted);
      await this.#d.groupStore.save(tx, found);
      const others = namedBy(found, wanted).filter((name) => !spConnections.has(name));
      await this.#d.connections.request(tx, others);
      return found;
    });
    this.#d.groups.add(news);
    if (news.length > 0) this.#due = true;
  }
}

/** What binding a name needs of a group, without its attributes. */
function named(group: IdentityChange): IdentityChange {
  const { dataStore, objectId, objectType, sequence, state, dn, occurredAt, capturedAt } = group;
  return {
    dataStore,
    objectId,
    objectType,
    sequence,
    state,
    occurredAt,
    capturedAt,
    ...(dn === undefined ? {} : { dn }),
  };
}
