import type { ObjectType } from '@provisor/contracts';
import type { CallContext, CallOutcome } from '@provisor/provisioning';
import { TargetSession } from '../delivery/target-session.js';
import type { CensusEnding } from './census.js';
import type { Passage } from './connection-gate.js';
import type { Connection } from './connection.js';
import type { DispatchEngineOptions } from './dispatch-engine.js';
import { throttledUntil } from './throttle.js';

export interface ConnectionCareParts {
  readonly options: DispatchEngineOptions;
  readonly signal: AbortSignal;
}

const SESSION_RETRY_MS = 10_000;
/** For a target that throttles a listing and does not say for how long. */
const UNSAID_PAUSE_MS = 1_000;

/** Looks after single SP connections: their sessions, what only time changes, and what answers say about the service provider. */
export class ConnectionCare {
  readonly #o: DispatchEngineOptions;
  readonly #signal: AbortSignal;
  readonly #tending = new WeakSet<Connection>();
  readonly #woken = new WeakMap<Connection, number>();

  constructor({ options, signal }: ConnectionCareParts) {
    this.#o = options;
    this.#signal = signal;
  }

  /** Everything that is due. One round per connection at a time. */
  async tend(connection: Connection): Promise<void> {
    if (this.#tending.has(connection) || connection.closed) return;
    this.#tending.add(connection);
    try {
      if (connection.stateOutdated) await this.#readState(connection);
      await this.#ensureSession(connection);
      if (connection.session === undefined) return;
      await this.#wakeForProbe(connection);
      const now = this.#o.clock.now();
      while (await connection.work.refill(now)) {
        this.takeCensus(connection);
        connection.scope.pump();
      }
      await this.#lookAtEdges(connection);
      await this.sendEdges(connection);
      this.takeCensus(connection);
      connection.forgetCensus(now);
      connection.scope.pump();
    } finally {
      this.#tending.delete(connection);
    }
  }

  /** Takes over what an operator has changed. Reads follow one another: a late answer must not undo what a newer one said. */
  async #readState(connection: Connection): Promise<void> {
    connection.stateOutdated = false;
    try {
      const state = await this.#o.stores.ownership.connection(connection.name);
      if (state === undefined) return;
      connection.gate.pause(state.paused);
      if (state.quarantine !== null || connection.gate.quarantine === null) return;
      connection.gate.release();
      connection.sessionRetryAt = 0;
    } catch (error) {
      connection.stateOutdated = true;
      throw error;
    }
  }

  /** The document has changed or is gone: the next calls are made as it says. */
  async configure(connection: Connection, exists: boolean): Promise<void> {
    const before = connection.session;
    connection.sessionRetryAt = 0;
    if (!exists) {
      connection.session = undefined;
      connection.gate.configure('missing');
      await before?.retire();
      return;
    }
    const configured = this.#o.configurations.get(connection.name);
    if (configured === undefined || before?.version === configured.version) return;
    await this.#ensureSession(connection);
    if (connection.session !== undefined && before !== undefined) {
      const woken = await this.#o.stores.work.wakeFailed(connection.name, this.#o.clock.now());
      if (woken > 0)
        this.#o.log.info('Failed objects are tried again with the new configuration', {
          spConnection: connection.name,
          objects: woken,
        });
      connection.work.lookAgain();
    }
  }

  async #ensureSession(connection: Connection): Promise<void> {
    const { configurations, clock, connectors, log, stores } = this.#o;
    const configured = configurations.get(connection.name);
    const before = connection.session;
    if (configured === undefined || before?.version === configured.version || clock.now() < connection.sessionRetryAt)
      return;
    connection.sessionRetryAt = clock.now() + SESSION_RETRY_MS;
    try {
      const connector = await connectors(configured.connection);
      connection.session = new TargetSession({ ...configured, connector, now: () => clock.now() });
      connection.sessionRetryAt = 0;
      connection.gate.configure(configured.connection.spec.active ? 'active' : 'inactive');
      connection.scope.configure();
      await before?.retire();
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      log.warn('An SP connection cannot be used', { spConnection: connection.name, err: error });
      connection.session = undefined;
      const quarantine = { code: 'connector.unusable', cause, since: clock.now() };
      connection.gate.restore({ paused: connection.gate.paused, quarantine, probeAt: connection.sessionRetryAt });
      await stores.ownership.quarantine(connection.fence, quarantine, connection.sessionRetryAt);
      await before?.retire();
    }
  }

  /** What an attempt's last answer says about the service provider as a whole. */
  answered(connection: Connection, passage: Passage, answer: CallOutcome | undefined): void {
    const { clock, random, log, stores } = this.#o;
    const change = connection.gate.left(passage, answer, { now: clock.now(), random: random() });
    this.takeCensus(connection);
    const about = { spConnection: connection.name, code: answer?.code, cause: answer?.cause };
    switch (change.kind) {
      case 'none':
        return;
      case 'opened':
        log.warn('The service provider is in trouble; calls wait', about);
        return;
      case 'quarantined':
        log.warn('The SP connection is quarantined', about);
        this.#later(connection, stores.ownership.quarantine(connection.fence, change.quarantine, change.probeAt));
        return;
      case 'released':
        log.info('The SP connection is out of quarantine', { spConnection: connection.name });
        this.#later(
          connection,
          stores.ownership.quarantine(connection.fence, null, null).then(() => this.#wake(connection)),
        );
        return;
      case 'recovered':
        log.info('The service provider answers again', { spConnection: connection.name });
        this.#later(connection, this.#wake(connection));
        return;
    }
  }

  throttled(connection: Connection, until: number): void {
    const { scope } = connection;
    scope.bucket.refused();
    if (until <= scope.bucket.pausedUntil) return;
    scope.bucket.pauseUntil(until);
    this.#o.log.info('The service provider throttles; the limit scope waits', {
      limitScope: scope.name,
      until: new Date(until).toISOString(),
    });
    this.#later(connection, this.#o.stores.ownership.throttle(scope.name, until));
  }

  /** Hands edges that are due to the connection's queue. */
  async sendEdges(connection: Connection): Promise<void> {
    const now = this.#o.clock.now();
    const due = connection.agenda.take(now, connection.edgeLoad(now));
    if (due.length === 0) return;
    try {
      connection.agenda.add(await connection.work.addEdgeWork(due, now), now);
    } catch (error) {
      connection.agenda.add(due, now);
      throw error;
    }
    connection.scope.pump();
  }

  async #lookAtEdges(connection: Connection): Promise<void> {
    const now = this.#o.clock.now();
    const all = connection.edgesLookAtAll;
    if (!all && (connection.edgesRetryAt === undefined || now < connection.edgesRetryAt)) return;
    connection.edgesLookAtAll = false;
    connection.edgesRetryAt = undefined;
    try {
      const work = await this.#o.stores.edges.runnableIn(connection.name, now, all ? 'all' : 'retries');
      connection.agenda.add(work, now);
      const next = await this.#o.stores.edges.nextRetry(connection.name, now);
      if (next !== undefined) connection.edgesRetryAt = Math.min(connection.edgesRetryAt ?? next, next);
    } catch (error) {
      connection.edgesLookAtAll = all;
      connection.edgesRetryAt = now;
      throw error;
    }
  }

  /** With nothing else to try, a probe is made with what waits for the end of the trouble. */
  async #wakeForProbe(connection: Connection): Promise<void> {
    const openUntil = connection.gate.breakerOpenUntil;
    const now = this.#o.clock.now();
    if (openUntil === undefined || now < openUntil || connection.work.queue.size > 0 || connection.inFlight > 0) return;
    if (this.#woken.get(connection) === openUntil) return;
    this.#woken.set(connection, openUntil);
    await this.#wake(connection);
  }

  async #wake(connection: Connection): Promise<void> {
    await this.#o.stores.work.wakeSystemic(connection.name, this.#o.clock.now());
    connection.work.lookAgain();
    connection.edgesRetryAt = 0;
  }

  /** Begins a census if so many unlinked objects wait that one listing costs less than their look-ups. */
  takeCensus(connection: Connection): void {
    const now = this.#o.clock.now();
    const objectType = connection.gate.block(now) === undefined ? connection.wantsCensus(now) : undefined;
    const { session, scope } = connection;
    if (objectType === undefined || session === undefined) return;
    connection.bulkWaits = true;
    const context: CallContext = { signal: this.#signal, acquire: () => scope.bucket.acquire('bulk', connection.name) };
    const taking = session.use(() => session.census(objectType).take(context));
    this.#later(
      connection,
      taking.then((ending) => {
        this.#listed(connection, objectType, ending);
        connection.bulkWaits = false;
        scope.pump();
      }),
    );
  }

  #listed(connection: Connection, objectType: ObjectType, ending: CensusEnding): void {
    const { log, clock } = this.#o;
    const about = { spConnection: connection.name, objectType };
    if (ending.complete) {
      log.info('Listed the accounts of the service provider', about);
      return;
    }
    const { outcome } = ending;
    log.info('The accounts could not be listed; they are looked up one by one', {
      ...about,
      code: outcome?.code,
      cause: outcome?.cause,
    });
    const now = clock.now();
    const until = outcome && throttledUntil(outcome, { now, unsaid: now + UNSAID_PAUSE_MS });
    // What the listing was told counts for the look-ups that take its place.
    if (until !== undefined) this.throttled(connection, until);
  }

  #later(connection: Connection, work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#o.log.warn('A change of an SP connection could not be recorded', {
        err: error,
        spConnection: connection.name,
      }),
    );
  }
}
