import { setImmediate as turn } from 'node:timers/promises';
import { MAX_RECORD_BYTES, type IdentityChange } from '@provisor/contracts';
import { MicroBatcher, type Clock } from '@provisor/host';
import type { OutgoingRecord, RecordProducer } from '@provisor/kafka';
import type {
  ConnectionStore,
  Database,
  KnownConnection,
  LedgerRow,
  LedgerStore,
  ScopeGroup,
  ScopeGroupStore,
  Transaction,
} from '@provisor/persistence';
import type { CompiledConnection } from '@provisor/provisioning';
import { metrics, withSpan, type Logger } from '@provisor/telemetry';
import type { Catalog, ConnectionCatalog } from '../configuration/connection-catalog.js';
import { namedBy, type ScopeGroups } from '../groups/scope-groups.js';
import { commandRecord, failureRecord, type Sealer } from './command-records.js';
import {
  decideChange,
  withoutReplays,
  type DecidedCommand,
  type DecisionContext,
  type FailedMapping,
} from './decide-changes.js';
import type { SourceChange } from './source-change.js';

export interface MapperDependencies {
  readonly database: Database;
  readonly ledger: LedgerStore;
  readonly connections: ConnectionStore;
  readonly groupStore: ScopeGroupStore;
  readonly groups: ScopeGroups;
  readonly catalog: ConnectionCatalog;
  readonly producer: Pick<RecordProducer, 'send'>;
  /** Absent without a key. */
  readonly seal: Sealer | undefined;
  /** Told when a group that scopes name was found: the connections have to be evaluated anew. */
  readonly onEvaluationDue: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `live`: as changes come. `evaluation`: all objects anew, for these SP connections only. */
export type MappingRun =
  { readonly kind: 'live' } | { readonly kind: 'evaluation'; readonly spConnections: ReadonlySet<string> };

/** How long a batch waits for the configuration that another replica has seen already. */
const VIEW_PATIENCE_MS = 5000;
/** Room for keys and headers beside a command's body. */
const MAX_BODY_BYTES = MAX_RECORD_BYTES - 16_384;
/** Live changes of several partitions are mapped together, so many at once. */
const LIVE_CHANGES = 500;
/** Then it is the turn of what has come meanwhile: changes of other partitions. */
const DECIDED_AT_ONCE = 20;
/** The partitions of one fetch bring what they have within this time. */
const GATHER_MS = 1;
/** A change older than this does not continue its trace, which ended long ago. */
const FRESH_MS = 600_000;
/** Objects wait for such a problem to pass by itself: it is said once, in the health details, and not per object. */
const WAITING = new Set(['scope.group-unknown']);

const commandsSent = metrics.counter('provisioning.mapping.commands');
const failures = metrics.counter('provisioning.mapping.failures');

/** Another replica knows a newer configuration. */
class ViewBehind extends Error {
  override readonly name = 'ViewBehind';
}

interface LiveChanges {
  readonly partition: number;
  readonly changes: readonly SourceChange[];
}

interface Outcome {
  readonly records: OutgoingRecord[];
  readonly ledger: LedgerRow[];
  readonly failed: FailedMapping[];
}

/**
 * Maps changes of partitions: decides, publishes the commands, then writes the ledger.
 *
 * One database transaction holds the partitions' advisory locks from before the ledger is read until it is written, with the
 * publication in between. So live changes and evaluations, on whatever replica, decide about an object one after the other, and
 * each sees what was told before. Publication comes before the ledger: a crash between the two repeats commands with the same
 * version and id, which the dispatcher recognises; the other order would lose them.
 *
 * No change is mapped with an older configuration than any replica has announced: the registry is compared inside the lock, and
 * a replica that is behind releases the lock and waits for its own view.
 */
export class ChangeMapper {
  readonly #d: MapperDependencies;
  readonly #live: MicroBatcher<LiveChanges, undefined>;
  /** Sum of all requests when the groups were loaded: another value says that another replica may have bound a name. */
  #groupsAsOf: number | undefined;

  constructor(dependencies: MapperDependencies) {
    this.#d = dependencies;
    this.#live = new MicroBatcher({
      maxItems: LIVE_CHANGES,
      sizeOf: ({ changes }) => changes.length,
      delayMs: () => GATHER_MS,
      clock: dependencies.clock,
      run: async (batches) => {
        // A partition waits for its answer before it brings more.
        const byPartition = new Map(batches.map(({ partition, changes }) => [partition, changes]));
        await this.#mapPatiently(byPartition, { kind: 'live' });
        return batches.map(() => undefined);
      },
      // Only the partition at fault is told, and repeats.
      onError: () => 'one-by-one',
    });
  }

  /** Resolves when commands are published and the ledger is written. Rejects on infrastructure trouble: map them again. */
  async map(partition: number, changes: readonly SourceChange[], run: MappingRun): Promise<void> {
    if (changes.length === 0) return;
    if (run.kind === 'live') await this.#live.add({ partition, changes });
    else await this.#mapPatiently(new Map([[partition, changes]]), run);
  }

  async #mapPatiently(byPartition: ReadonlyMap<number, readonly SourceChange[]>, run: MappingRun): Promise<void> {
    const deadline = this.#d.clock.now() + VIEW_PATIENCE_MS;
    for (;;) {
      try {
        await this.#mapOnce(byPartition, run);
        return;
      } catch (error) {
        if (!(error instanceof ViewBehind) || this.#d.clock.now() > deadline) throw error;
        await this.#d.clock.sleep(20);
      }
    }
  }

  async #mapOnce(byPartition: ReadonlyMap<number, readonly SourceChange[]>, run: MappingRun): Promise<void> {
    const { database, ledger, groups } = this.#d;
    const changes = [...byPartition.values()].flat();
    const { news, outcome } = await database.transaction(async (tx) => {
      await ledger.lockPartitions(tx, [...byPartition.keys()]);
      const known = await this.#d.connections.list(tx);
      const catalog = this.#d.catalog.current;
      assertUpToDate(known, catalog);
      await this.#refreshGroups(tx, known);
      const found = await this.#bindGroups(tx, changes, catalog);
      const decided = await this.#decide(tx, changes, { run, catalog, news: found });
      await this.#d.producer.send(decided.records);
      await ledger.save(tx, decided.ledger);
      return { news: found, outcome: decided };
    });
    groups.add(news);
    if (news.length > 0) this.#d.onEvaluationDue();
    for (const { problem, connection } of outcome.failed) {
      failures.add(1, { code: problem.code });
      this.#d.log.debug('An object could not be mapped', { spConnection: connection.name, code: problem.code });
    }
  }

  async #refreshGroups(tx: Transaction, known: readonly KnownConnection[]): Promise<void> {
    const asOf = known.reduce((sum, { request }) => sum + request, 0);
    if (asOf === this.#groupsAsOf) return;
    this.#d.groups.load(await this.#d.groupStore.list(tx));
    this.#groupsAsOf = asOf;
  }

  /**
   * Binds names to groups that these changes show, or marks bindings as deleted, and asks for an evaluation of the connections
   * that use the names; by that other replicas learn of it too.
   */
  async #bindGroups(
    tx: Transaction,
    changes: readonly SourceChange[],
    catalog: Catalog,
  ): Promise<readonly ScopeGroup[]> {
    const news = this.#d.groups.news(
      changes.map(({ change }) => change),
      catalog.scopeGroups,
    );
    await this.#d.groupStore.save(tx, news);
    await this.#d.connections.request(tx, namedBy(news, catalog.scopeGroups));
    return news;
  }

  async #decide(
    tx: Transaction,
    changes: readonly SourceChange[],
    { run, catalog, news }: { run: MappingRun; catalog: Catalog; news: readonly ScopeGroup[] },
  ): Promise<Outcome> {
    const connectionsOf = chooser(run, catalog);
    const names = new Set(changes.flatMap(({ change }) => connectionsOf(change).map(({ name }) => name)));
    const ids = changes.map(({ change }) => change.objectId);
    const context: DecisionContext = {
      ledger: await this.#d.ledger.load(tx, [...names], ids),
      groups: this.#d.groups.resolver(news),
      occasion: { bulk: run.kind === 'evaluation' },
    };
    const outcome: Outcome = { records: [], ledger: [], failed: [] };
    for (const [index, source] of changes.entries()) {
      if (index > 0 && index % DECIDED_AT_ONCE === 0) await turn();
      await this.#decideOne(source, connectionsOf(source.change), context, outcome);
    }
    return outcome;
  }

  async #decideOne(
    source: SourceChange,
    connections: readonly CompiledConnection[],
    context: DecisionContext,
    outcome: Outcome,
  ): Promise<void> {
    const concerned = withoutReplays(source, connections, context);
    if (concerned.length === 0) return;
    const at = this.#d.clock.date();
    await withSpan('map identity change', spanOf(source, at.getTime()), async (span) => {
      const { traceparent } = span;
      const { commands, silent, failed } = decideChange(source, concerned, context);
      outcome.ledger.push(...silent);
      const told = await Promise.all(
        commands.map(async (decided) => ({
          decided,
          record: await commandRecord(decided, { seal: this.#d.seal, at, traceparent }),
        })),
      );
      const rejected = failed.filter(({ problem }) => !WAITING.has(problem.code));
      for (const { decided, record } of told) {
        if (Buffer.byteLength(record.value ?? '') > MAX_BODY_BYTES) {
          rejected.push(tooLarge(decided));
          continue;
        }
        outcome.records.push(record);
        outcome.ledger.push(decided.ledger);
        commandsSent.add(1, { target_type: decided.connection.document.spec.target.type, lane: decided.command.lane });
      }
      for (const failure of rejected) outcome.records.push(failureRecord(failure, { at, traceparent }));
      outcome.failed.push(...rejected);
      span.set({ 'provisioning.commands': told.length, 'provisioning.failures': rejected.length });
    });
  }
}

/** The connections that a change is evaluated for. */
function chooser(run: MappingRun, catalog: Catalog): (change: IdentityChange) => readonly CompiledConnection[] {
  if (run.kind === 'live') return ({ dataStore }) => catalog.byDataStore.get(dataStore) ?? [];
  const chosen = [...run.spConnections].map((name) => catalog.entries.get(name)?.connection);
  const connections = chosen.filter((connection) => connection !== undefined);
  return () => connections;
}

function assertUpToDate(known: readonly KnownConnection[], catalog: Catalog): void {
  for (const { spConnection, configVersion, removed } of known) {
    if (removed || catalog.removed.has(spConnection)) continue;
    const seen = catalog.entries.get(spConnection)?.version ?? 0;
    if (seen < configVersion)
      throw new ViewBehind(
        `Version ${configVersion} of SP connection ${spConnection} is known, but only ${seen} has arrived here.`,
      );
  }
}

function spanOf({ change, traceparent, timestamp }: SourceChange, now: number) {
  const fresh = now - timestamp < FRESH_MS;
  return {
    attributes: { 'provisioning.data_store': change.dataStore, 'provisioning.object_type': change.objectType },
    // Without a cause that is still running the span begins a trace, also inside the span of the batch.
    parent: fresh && traceparent !== undefined ? traceparent : '',
    ...(fresh || traceparent === undefined ? {} : { links: [traceparent] }),
  };
}

function tooLarge({ connection, source, command }: DecidedCommand): FailedMapping {
  const message = 'The mapped attributes and memberships do not fit into one record.';
  return { connection, source, problem: { channel: command.channel, code: 'mapping.too-large', message } };
}
