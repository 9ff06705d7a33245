import { createHash } from 'node:crypto';
import { durationMs } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { ReconciliationRun, ReconciliationStore } from '@provisor/persistence';
import type { CallContext, CallOutcome } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import type { TargetSession } from '../delivery/target-session.js';
import type { Connection } from '../engine/connection.js';
import { throttledUntil } from '../engine/throttle.js';
import { ScopeWaits } from '../engine/token-bucket.js';
import { nextStep } from './run-steps.js';
import { ended } from './run-state.js';
import { TargetFailed, type StepDependencies } from './step.js';

export type ReconciliationPort = Pick<ReconciliationStore, keyof ReconciliationStore>;

export interface ReconcilerOptions {
  readonly store: ReconciliationPort;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Rows of the SP connection have become due. */
  readonly woken: (connection: Connection) => void;
  readonly throttled: (connection: Connection, until: number) => void;
}

/** How often an SP connection is looked after that nobody has asked anything about. */
const LOOK_MS = 5_000;
/** After trouble a run goes on this much later. */
const PAUSE_MS = 10_000;
/** A scheduled run takes one page in this time, so that nobody feels it. */
const SLICE_MS = 1_000;

/**
 * Carries out the reconciliations of the SP connections that this process owns: page by page, within the budget and on the bulk
 * lane, each step recorded with what it changes. What a run repairs goes the ordinary way of every object.
 */
export class Reconciler {
  readonly #o: ReconcilerOptions;
  readonly #busy = new WeakSet<Connection>();
  readonly #lookAt = new WeakMap<Connection, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: ReconcilerOptions) {
    this.#o = options;
  }

  /** Somebody has asked for a run. */
  wake(connection: Connection): void {
    this.#lookAt.set(connection, 0);
  }

  /** Does what is due for an SP connection; a run at a time. Never rejects. */
  tend(connection: Connection): void {
    const { clock, log } = this.#o;
    if (this.#busy.has(connection) || clock.now() < (this.#lookAt.get(connection) ?? 0) || !this.#mayCall(connection))
      return;
    this.#busy.add(connection);
    this.#lookAt.set(connection, clock.now() + LOOK_MS);
    const work = this.#work(connection)
      .catch((error: unknown) => {
        this.#lookAt.set(connection, clock.now() + PAUSE_MS);
        if (!(error instanceof ScopeWaits))
          log.warn('A reconciliation is interrupted and will go on', { err: error, spConnection: connection.name });
      })
      .finally(() => {
        this.#busy.delete(connection);
        this.#running.delete(work);
      });
    this.#running.add(work);
  }

  /** Resolves when the steps under way are over. The signal keeps new ones from beginning. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #mayCall(connection: Connection): boolean {
    const now = this.#o.clock.now();
    return (
      !this.#o.signal.aborted &&
      !connection.closed &&
      connection.session !== undefined &&
      connection.lease.holds(now) &&
      connection.gate.block(now) === undefined
    );
  }

  async #work(connection: Connection): Promise<void> {
    const { store, clock, signal } = this.#o;
    await this.#schedule(connection);
    for (let run = await store.next(connection.name); run !== undefined; run = await store.next(connection.name)) {
      const { session } = connection;
      if (!this.#mayCall(connection) || session === undefined) return;
      const more = await this.#step(connection, session, run);
      if (!more) return;
      if (run.scheduled) await clock.sleep(SLICE_MS, signal);
    }
  }

  /** Scheduled runs of different SP connections do not begin together. */
  async #schedule(connection: Connection): Promise<void> {
    const reconcile = connection.session?.policy.reconcile;
    if (reconcile?.every === undefined) return;
    const everyMs = durationMs(reconcile.every);
    const offset = createHash('sha256').update(connection.name).digest().readUInt32BE() % Math.max(1, everyMs);
    const slot = Math.floor((this.#o.clock.now() + offset) / Math.max(1, everyMs));
    await this.#o.store.requestScheduled(connection.name, {
      // Half of the time: the slot decides when, this only keeps a late run and the next one apart.
      everyMs: everyMs / 2,
      repair: reconcile.repair,
      id: `scheduled/${connection.name}/${reconcile.every}/${slot}`,
    });
  }

  /** One step of a run. Resolves to whether there may be more to do at once. */
  async #step(connection: Connection, session: TargetSession, run: ReconciliationRun): Promise<boolean> {
    const { store, clock, log, woken } = this.#o;
    const meter = { requests: 0 };
    const deps: StepDependencies = { store, session, clock, context: this.#context(connection, meter) };
    const started: ReconciliationRun =
      run.startedAt === null ? { ...run, startedAt: new Date(clock.now()), state: 'running' } : run;
    try {
      const { absent, ...came } = await nextStep(started, deps);
      const { run: after, findings, adopt, memberships = [], references = [] } = came;
      const step = { ...came, run: { ...after, requests: run.requests + meter.requests } };
      await store.step(connection.fence, step, clock.now());
      if (absent !== undefined) session.absences[absent.objectType].replace(absent.requests);
      const edges = memberships.length + references.length;
      if (adopt.length > 0 || edges > 0 || findings.some(({ applied }) => applied !== undefined)) woken(connection);
      if (after.finishedAt !== null)
        log.info('A reconciliation has ended', {
          spConnection: connection.name,
          run: run.id,
          state: after.state,
          ...after.counts,
          requests: step.run.requests,
        });
      return true;
    } catch (error) {
      if (!(error instanceof TargetFailed)) throw error;
      return await this.#failed(connection, { ...started, requests: run.requests + meter.requests }, error.outcome);
    }
  }

  async #failed(connection: Connection, run: ReconciliationRun, outcome: CallOutcome): Promise<boolean> {
    const { store, clock, log, throttled } = this.#o;
    const now = clock.now();
    const passing = outcome.kind === 'retryable';
    const cause = `${outcome.code}: ${outcome.cause ?? 'the target could not be read'}`;
    const after = passing ? run : ended(run, 'failed', { now, cause });
    await store.step(connection.fence, { run: after, findings: [], adopt: [] }, now);
    if (!passing) return true;
    log.info('A reconciliation waits', { spConnection: connection.name, run: run.id, cause });
    const until = throttledUntil(outcome, { now, unsaid: now + PAUSE_MS });
    if (until !== undefined) throttled(connection, until);
    this.#lookAt.set(connection, until ?? now + (outcome.retryAfterMs ?? PAUSE_MS));
    return false;
  }

  #context(connection: Connection, meter: { requests: number }): CallContext {
    return {
      signal: this.#o.signal,
      acquire: async () => {
        await connection.scope.bucket.acquire('bulk', connection.name);
        meter.requests += 1;
      },
    };
  }
}
