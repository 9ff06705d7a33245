import type { ConfigurationRecord, SpConnection } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import { keyOf, type ObjectKey } from '@provisor/persistence';
import type { CallOutcome } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import type { ValueOpener } from '../delivery/opened-attributes.js';
import { supersededRecord } from '../delivery/result-record.js';
import type { ConnectorFactory } from '../delivery/target-session.js';
import type { ScopedCommand } from '../ingest/ingest-command.js';
import { Batches, MOST_IN_A_BATCH } from './batches.js';
import { ConnectionCare } from './connection-care.js';
import type { Connection } from './connection.js';
import type { Block, Passage } from './connection-gate.js';
import { ConnectionTable } from './connection-table.js';
import { Delivery } from './delivery.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import type { DispatchStores } from './dispatch-stores.js';
import { MicroBatcher } from '@provisor/host';
import type { ObjectSlot } from './object-slot.js';
import { Reconciler } from '../reconciliation/reconciler.js';
import { outlookOf, type Outlook } from './outlook.js';
import { LEASE_MS, PartitionLease } from './partition-lease.js';

/** SP connections as they are configured, by name. */
export interface Configurations {
  get(name: string): { readonly connection: SpConnection; readonly version: number } | undefined;
}

export interface DispatchEngineOptions {
  readonly targetType: string;
  /** Unique per process start. */
  readonly owner: string;
  readonly stores: DispatchStores;
  readonly configurations: Configurations;
  readonly connectors: ConnectorFactory;
  readonly open: ValueOpener;
  /** The outbox has new rows. */
  readonly nudge: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

const TICK_MS = 100;
const RENEW_MS = 2_000;
const LOOK_DELAY_MS = 10;

/**
 * Closes the difference between desired and applied state for the partitions that this process owns. Work arrives from ingest
 * without a detour; a tick every 100 ms looks after what only time changes: retries, probes, chunks, leases.
 */
export class DispatchEngine {
  readonly #o: DispatchEngineOptions;
  readonly #leases = new Map<number, { lease: PartitionLease; ready: Promise<boolean> }>();
  readonly #table: ConnectionTable;
  readonly #care: ConnectionCare;
  readonly #metrics: DeliveryMetrics;
  readonly #batches: Batches;
  readonly #looks: MicroBatcher<ObjectKey, undefined>;
  readonly #reconciler: Reconciler | undefined;
  readonly #abort = new AbortController();
  readonly #stopping = new AbortController();
  readonly #releasing = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: DispatchEngineOptions) {
    this.#o = options;
    this.#metrics = new DeliveryMetrics(options.targetType);
    const { clock } = options;
    this.#batches = new Batches(options);
    this.#looks = new MicroBatcher({
      maxItems: MOST_IN_A_BATCH * 5,
      delayMs: () => LOOK_DELAY_MS,
      clock,
      run: (keys) => this.#lookAtEdges(keys),
      onError: (error) => this.#batches.failed(error),
    });
    this.#table = new ConnectionTable({ options, delivery: this.#delivery() });
    this.#care = new ConnectionCare({ options, signal: this.#abort.signal });
    this.#reconciler = this.#reconcilerOf(options);
  }

  #reconcilerOf({ stores, clock, log }: DispatchEngineOptions): Reconciler | undefined {
    if (stores.reconciliation === undefined) return undefined;
    return new Reconciler({
      store: stores.reconciliation,
      clock,
      log,
      signal: this.#stopping.signal,
      woken: (connection) => {
        connection.work.lookAgain();
        connection.edgesLookAtAll = true;
      },
      throttled: (connection, until) => this.#care.throttled(connection, until),
    });
  }

  #delivery(): Delivery {
    const { stores, open, clock, random, log } = this.#o;
    return new Delivery({
      batches: this.#batches,
      edges: stores.edges,
      guards: stores.guards,
      open,
      clock,
      random,
      log,
      metrics: this.#metrics,
      signal: this.#abort.signal,
      watch: {
        linkChanged: (slot: ObjectSlot) => this.#look([slot.row]),
        answered: (connection: Connection, passage: Passage, answer: CallOutcome | undefined) =>
          this.#care.answered(connection, passage, answer),
        throttled: (connection: Connection, until: number) => this.#care.throttled(connection, until),
        settled: (connection: Connection) => {
          if (connection.work.queue.size > 0) connection.scope.pump();
        },
        fenced: (connection: Connection) => this.#fenced(connection.lease),
      },
    });
  }

  start(): void {
    this.#loop = Promise.all([this.#ticking(), this.#renewing()]).then(() => undefined);
  }

  /** Partitions that are ours now. Returns at once: work on a partition begins when its lease is free. */
  assign(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const held = this.#leases.get(partition);
      if (held !== undefined && !held.lease.givenUp) {
        held.lease.resume();
        this.#table.pump(held.lease);
        continue;
      }
      const { owner, clock, log, stores } = this.#o;
      const lease = new PartitionLease({ partition, owner, clock, log, store: stores.ownership });
      this.#leases.set(partition, { lease, ready: this.#take(lease) });
    }
  }

  /** Partitions that are not ours any more, unless they come back before their work in flight has ended. */
  async revoke(partitions: readonly number[]): Promise<void> {
    const held = partitions.flatMap((partition) => this.#leases.get(partition) ?? []);
    for (const { lease } of held) lease.suspend();
    const releasing = Promise.all(held.map(({ lease }) => this.#release(lease))).then(() => undefined);
    this.#releasing.add(releasing);
    await releasing.finally(() => this.#releasing.delete(releasing));
  }

  async #take(lease: PartitionLease): Promise<boolean> {
    if (!(await lease.claim())) return false;
    for (;;) {
      try {
        await this.#table.open(lease);
        return true;
      } catch (error) {
        if (lease.givenUp || this.#stopping.signal.aborted) return false;
        this.#o.log.warn('The work of a partition cannot be loaded', { err: error, partition: lease.partition });
        await this.#o.clock.sleep(1_000, this.#stopping.signal);
      }
    }
  }

  async #release(lease: PartitionLease): Promise<void> {
    const { clock, log } = this.#o;
    const patience = clock.now() + LEASE_MS;
    const goesOn = (): boolean => lease.suspended && clock.now() < patience && !this.#abort.signal.aborted;
    while (goesOn() && this.#table.unsettled(lease) > 0) await clock.sleep(20);
    if (!lease.suspended) return;
    this.#drop(lease);
    await lease.giveUp().catch((error: unknown) => log.warn('A lease could not be released', { err: error }));
  }

  #drop(lease: PartitionLease): void {
    this.#table.closeAll(lease);
    if (this.#leases.get(lease.partition)?.lease === lease) this.#leases.delete(lease.partition);
  }

  /** Takes a batch of one partition in. Rejects when it has to be handed over again. */
  async ingest(partition: number, commands: readonly ScopedCommand[]): Promise<void> {
    const held = this.#leases.get(partition);
    if (held === undefined || !(await held.ready)) throw new Error(`Partition ${partition} is not owned.`);
    const { clock, stores, nudge } = this.#o;
    const connections = await this.#table.ensure(held.lease, commands);
    const observations = connections.map((connection) => ({ connection, observation: connection.work.observe() }));
    try {
      const now = clock.now();
      const answer = await stores.ingest.ingest({
        ownership: { partition, epoch: held.lease.epoch },
        commands,
        now,
        supersededRecord: (superseded) => supersededRecord(superseded, now),
      });
      for (const { connection, observation } of observations) {
        const rows = answer.runnable.filter((row) => row.spConnection === connection.name);
        if (rows.some((row) => row.lane === 'bulk')) connection.sawBulk(now);
        connection.work.feed(rows, observation.finished);
        this.#care.takeCensus(connection);
        connection.scope.pump();
      }
      this.#look(answer.edgesChanged);
      this.#metrics.superseded(answer.superseded.length);
      if (answer.superseded.length > 0) nudge();
    } finally {
      for (const { observation } of observations) observation.end();
    }
  }

  /** A command was read that cannot be taken in. */
  async dead(command: { spConnection: string; partition: number; offset: number }): Promise<void> {
    await this.#o.stores.accounting?.dead(command);
  }

  /** The configuration of an SP connection has changed. */
  async configured(name: string, record: ConfigurationRecord | null): Promise<void> {
    const connection = this.#table.get(name);
    if (connection !== undefined) await this.#care.configure(connection, record !== null);
  }

  /** An operator changed something about an SP connection in the database. */
  async refresh(name: string): Promise<void> {
    const connection = this.#table.get(name);
    if (connection === undefined) return;
    connection.stateOutdated = true;
    connection.work.lookAgain();
    connection.edgesLookAtAll = true;
    this.#reconciler?.wake(connection);
    await this.#care.tend(connection);
  }

  /** Why an SP connection that is owned here stands still; undefined if it does not, or is not owned here. */
  block(name: string): Block | undefined {
    return this.#table.get(name)?.gate.trouble(this.#o.clock.now());
  }

  /** What the work of an SP connection that is owned here waits for; undefined where it is not owned here. */
  outlook(name: string): Outlook | undefined {
    const connection = this.#table.get(name);
    return connection === undefined ? undefined : outlookOf(connection, this.#o.clock.now());
  }

  owned(): readonly number[] {
    const now = this.#o.clock.now();
    return [...this.#leases.values()].filter(({ lease }) => lease.covers(now)).map(({ lease }) => lease.partition);
  }

  /** Begins nothing new, lets calls in flight end, writes what they came to and frees the leases; all within `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    const { clock, log } = this.#o;
    this.#stopping.abort();
    const until = clock.now() + drainMs;
    const leases = [...this.#leases.values()].map(({ lease }) => lease);
    for (const lease of leases) lease.suspend();
    const unsettled = (): number => leases.reduce((sum, lease) => sum + this.#table.unsettled(lease), 0);
    while (unsettled() > 0 && clock.now() < until) await clock.sleep(20);
    if (unsettled() > 0)
      log.warn('Attempts were cut off; their objects are looked up at the next start', { attempts: unsettled() });
    this.#abort.abort();
    this.#batches.abandon();
    this.#looks.abandon();
    await Promise.all([this.#loop, this.#reconciler?.ended()]);
    for (const lease of leases) {
      this.#drop(lease);
      await lease.giveUp().catch((error: unknown) => log.warn('A lease could not be released', { err: error }));
    }
    await Promise.all(this.#releasing);
    await this.#table.retire();
  }

  #look(keys: readonly ObjectKey[]): void {
    for (const { spConnection, objectId } of keys)
      void this.#looks.add({ spConnection, objectId }).catch(() => undefined);
  }

  async #lookAtEdges(keys: readonly ObjectKey[]): Promise<undefined[]> {
    const distinct = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    const now = this.#o.clock.now();
    const touched = new Set<Connection>();
    for (const work of await this.#o.stores.edges.runnableOf(distinct, now)) {
      const connection = this.#table.get(work.spConnection);
      if (connection === undefined) continue;
      connection.agenda.add([work], now);
      touched.add(connection);
    }
    await Promise.all([...touched].map((connection) => this.#care.sendEdges(connection)));
    return keys.map(() => undefined);
  }

  async #ticking(): Promise<void> {
    const { clock, log } = this.#o;
    while (!this.#stopping.signal.aborted) {
      for (const connection of this.#table.all())
        if (connection.lease.holds(clock.now())) {
          this.#reconciler?.tend(connection);
          this.#care
            .tend(connection)
            .catch((error: unknown) =>
              log.warn('An SP connection could not be tended', { err: error, spConnection: connection.name }),
            );
        }
      await clock.sleep(TICK_MS, this.#stopping.signal);
    }
  }

  async #renewing(): Promise<void> {
    const { clock, stores, log } = this.#o;
    // Until the very end: what is drained at a stop still needs its lease.
    while (!this.#abort.signal.aborted) {
      await clock.sleep(RENEW_MS, this.#abort.signal);
      const held = [...this.#leases.values()]
        .map(({ lease }) => lease)
        .filter((lease) => lease.epoch > 0 && !lease.givenUp);
      if (held.length === 0) continue;
      const askedAt = clock.now();
      try {
        const owned = held.map(({ partition, epoch }) => ({ partition, epoch }));
        const renewed = await stores.ownership.renew(owned, LEASE_MS);
        for (const lease of held) {
          if (renewed.has(lease.partition)) lease.renewed(askedAt);
          else this.#fenced(lease);
        }
        const tookMs = clock.now() - askedAt;
        if (tookMs >= LEASE_MS - RENEW_MS)
          log.warn('Leases were renewed late; no calls were made meanwhile', { tookMs });
      } catch (error) {
        log.warn('Leases could not be renewed', { err: error });
      }
    }
  }

  /** Another process has taken the partition over. If the group still gives it to this one, it is claimed anew. */
  #fenced(lease: PartitionLease): void {
    // Several attempts notice it.
    if (this.#leases.get(lease.partition)?.lease !== lease) return;
    this.#o.log.warn('Another dispatcher has taken a partition over', {
      partition: lease.partition,
      epoch: lease.epoch,
    });
    this.#drop(lease);
    void lease.giveUp().catch(() => undefined);
    if (!lease.suspended) this.assign([lease.partition]);
  }

  /** For the status of what is owned here. */
  connection(name: string): Connection | undefined {
    return this.#table.get(name);
  }
}
