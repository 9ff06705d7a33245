import type { LdapDataStoreSpec } from '@provisor/contracts';
import { CaptureFenced, leaseDataStore, type Database, type DataStoreLease } from '@provisor/persistence';
import { SourceProblem, type ObjectSource } from '@provisor/provisioning';
import type { Logger } from '@provisor/telemetry';
import { CaptureLedger } from './capture-ledger.js';
import { CaptureSession, type SessionClock } from './capture-session.js';
import { StatusBoard, type CaptureStatus } from './capture-status.js';

/** How often a replica that stands by asks for the lease. */
const STANDBY_MS = 1_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const RECHECK_MS = 60_000;

export interface CapturerParts {
  readonly dataStore: string;
  readonly spec: LdapDataStoreSpec;
  readonly openSource: () => ObjectSource;
  readonly database: Database;
  readonly log: Logger;
  readonly clock: SessionClock;
  readonly nudge: () => void;
  readonly recheckMs?: number;
}

/** Captures one data store for as long as this replica owns it, through failures of the data store and of the database. */
export class Capturer {
  private readonly parts: CapturerParts;
  private readonly board: StatusBoard;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(parts: CapturerParts) {
    this.parts = { ...parts, log: parts.log.child({ dataStore: parts.dataStore }) };
    this.board = new StatusBoard(() => new Date(parts.clock.now()));
  }

  get status(): CaptureStatus {
    return this.board.status;
  }

  get healthy(): boolean {
    return this.board.healthy;
  }

  start(): void {
    this.running ??= this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.board.enter('stopped');
  }

  private async loop(): Promise<void> {
    const { log, clock } = this.parts;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const lease = await leaseDataStore(this.parts.database, this.parts.dataStore);
        if (lease === undefined) this.board.enter('standby', 'another replica captures this data store');
        else await this.own(lease);
      } catch (error) {
        if (!signal.aborted) log.warn('The database does not answer; capture waits for it', { err: error });
      }
      await clock.sleep(STANDBY_MS, signal);
    }
  }

  /** Session after session until the lease is lost or the capturer is stopped. */
  private async own(lease: DataStoreLease): Promise<void> {
    const signal = AbortSignal.any([lease.lost, this.stopping.signal]);
    const { log, clock } = this.parts;
    let pause = FIRST_PAUSE_MS;
    try {
      while (!signal.aborted) {
        const startedAt = clock.now();
        const problem = await this.session(signal);
        if (signal.aborted || problem instanceof CaptureFenced) return;
        if (clock.now() - startedAt > LONGEST_PAUSE_MS) pause = FIRST_PAUSE_MS;
        this.report(problem, pause);
        await clock.sleep(pause * (0.8 + 0.4 * Math.random()), signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    } finally {
      if (lease.lost.aborted && !this.stopping.signal.aborted) log.warn('The lease on the data store was lost');
      await lease.release();
    }
  }

  /** Runs until something fails; answers what. */
  private async session(signal: AbortSignal): Promise<unknown> {
    const { dataStore, spec, database, log, clock, nudge, recheckMs } = this.parts;
    let source: ObjectSource | undefined;
    try {
      const now = () => new Date(clock.now());
      const { ledger, cursor } = await CaptureLedger.open({ database, dataStore, now, log, nudge });
      source = this.parts.openSource();
      const session = { dataStore, spec, source, ledger, cursor, board: this.board, log, clock };
      await new CaptureSession({ ...session, recheckMs: recheckMs ?? RECHECK_MS }).run(signal);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await source?.close().catch(() => undefined);
    }
  }

  private report(problem: unknown, pause: number): void {
    const { log } = this.parts;
    if (problem instanceof SourceProblem) {
      const { state, reason } = this.status;
      const again = state === 'unreachable' || (state === 'suspect' && problem.kind === 'truncated');
      if (problem.kind === 'truncated') this.board.enter('suspect', problem.message);
      else this.board.enter('unreachable', problem.message);
      if (again && reason === problem.message) return;
      log.error(`The data store cannot be captured, nobody is removed: ${problem.message}`, {
        nextTryInMs: Math.round(pause),
      });
    } else log.warn('Capture was interrupted and goes on from where it was', { err: problem });
  }
}
