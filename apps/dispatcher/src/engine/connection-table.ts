import { durationMs } from '@provisor/contracts';
import type { ConnectionState } from '@provisor/persistence';
import type { ScopedCommand } from '../ingest/ingest-command.js';
import { Connection } from './connection.js';
import type { Delivery } from './delivery.js';
import type { DispatchEngineOptions } from './dispatch-engine.js';
import { GuardWindows, longestWindow } from './guard-windows.js';
import type { PartitionLease } from './partition-lease.js';
import { Scope } from './scope.js';

export interface ConnectionTableParts {
  readonly options: DispatchEngineOptions;
  readonly delivery: Delivery;
}

/** The SP connections that this process owns, by name, and their limit scopes. */
export class ConnectionTable {
  readonly #o: DispatchEngineOptions;
  readonly #delivery: Delivery;
  readonly #connections = new Map<string, Connection>();
  readonly #scopes = new Map<string, Scope>();
  readonly #opening = new Map<string, Promise<Connection>>();

  constructor({ options, delivery }: ConnectionTableParts) {
    this.#o = options;
    this.#delivery = delivery;
  }

  get(name: string): Connection | undefined {
    return this.#connections.get(name);
  }

  all(): Iterable<Connection> {
    return this.#connections.values();
  }

  #of(lease: PartitionLease): Connection[] {
    return [...this.#connections.values()].filter((connection) => connection.lease === lease);
  }

  unsettled(lease: PartitionLease): number {
    return this.#of(lease).reduce((sum, connection) => sum + connection.unsettled, 0);
  }

  pump(lease: PartitionLease): void {
    for (const connection of this.#of(lease)) connection.scope.pump();
  }

  /** Resumes everything that the database knows of a partition. */
  async open(lease: PartitionLease): Promise<void> {
    await this.#openAll(lease, await this.#o.stores.ownership.connectionsOf(lease.partition));
  }

  async #openAll(lease: PartitionLease, states: readonly ConnectionState[]): Promise<void> {
    const throttled = await this.#o.stores.ownership.throttled(lease.partition);
    for (const state of states) await this.#opened(lease, state, throttled.get(state.limitScope));
  }

  /** The SP connections that a batch of commands is for; new ones, and such whose scope has changed, are made known. */
  async ensure(lease: PartitionLease, commands: readonly ScopedCommand[]): Promise<Connection[]> {
    const named = new Map(commands.map(({ command, limitScope }) => [command.spConnection, limitScope]));
    const unknown = [...named].filter(([name, scope]) => !this.#isKnown(lease, name, scope));
    if (unknown.length > 0) {
      const states = await this.#o.stores.ownership.register(
        lease.partition,
        unknown.map(([spConnection, limitScope]) => ({ spConnection, limitScope })),
      );
      await this.#openAll(lease, states);
    }
    return [...named.keys()].flatMap((name) => this.#connections.get(name) ?? []);
  }

  #isKnown(lease: PartitionLease, name: string, scope: string): boolean {
    const connection = this.#connections.get(name);
    return connection !== undefined && connection.lease === lease && connection.scope.name === scope;
  }

  async #opened(lease: PartitionLease, state: ConnectionState, pausedUntil = 0): Promise<void> {
    const present = this.#connections.get(state.spConnection);
    if (present !== undefined) this.close(present);
    const opening = this.#opening.get(state.spConnection) ?? this.#load(lease, state);
    this.#opening.set(state.spConnection, opening);
    try {
      const connection = await opening;
      if (lease.givenUp) return;
      connection.scope.bucket.pauseUntil(pausedUntil);
      this.#connections.set(connection.name, connection);
      connection.scope.add(connection);
      connection.work.lookAgain();
    } finally {
      this.#opening.delete(state.spConnection);
    }
  }

  async #load(lease: PartitionLease, state: ConnectionState): Promise<Connection> {
    const { clock, stores, configurations } = this.#o;
    const configured = configurations.get(state.spConnection);
    await stores.work.doubt(state.spConnection);
    const since = clock.now() - longestWindow(configured?.connection.spec.policy.guard, durationMs);
    const [removals, population, blanks, memberships] = await Promise.all([
      stores.work.removals(state.spConnection, since),
      stores.work.population(state.spConnection),
      stores.guards?.blanks(state.spConnection, since) ?? new Map<string, number>(),
      stores.guards?.membershipEnds(state.spConnection, since) ?? [],
    ]);
    return new Connection({
      state,
      lease,
      scope: this.#scope(state.limitScope),
      window: new GuardWindows({ removals, population, blanks, memberships }),
      store: stores.work,
    });
  }

  #scope(name: string): Scope {
    const scope =
      this.#scopes.get(name) ??
      new Scope({
        name,
        clock: this.#o.clock,
        start: (connection, slot, ended) => this.#delivery.start(connection, slot, ended),
        limits: this.#o.stores.limits,
      });
    this.#scopes.set(name, scope);
    return scope;
  }

  /** What it has in flight ends, and cannot be written any more if somebody else owns it by then. */
  close(connection: Connection): void {
    connection.closed = true;
    connection.scope.remove(connection);
    if (this.#connections.get(connection.name) === connection) this.#connections.delete(connection.name);
    if (connection.scope.connections.length === 0) this.#scopes.delete(connection.scope.name);
    void connection.session?.retire();
  }

  closeAll(lease: PartitionLease): void {
    for (const connection of this.#of(lease)) this.close(connection);
  }

  async retire(): Promise<void> {
    const sessions = [...this.#connections.values()].flatMap((connection) => connection.session ?? []);
    await Promise.all(sessions.map((session) => session.retire()));
  }
}
