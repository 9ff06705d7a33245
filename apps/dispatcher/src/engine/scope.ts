import { durationMs, LANES, type Lane, type Limits } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { LimitStore, WindowRule } from '@provisor/persistence';
import type { Connection } from './connection.js';
import type { ObjectSlot } from './object-slot.js';
import { LatencyLimit } from './latency-limit.js';
import { PrioritySlots } from './priority-slots.js';
import { TokenBucket } from './token-bucket.js';
import { WindowReserve } from './window-reserve.js';

/** Begins an attempt. `ended` is to be called when its calls are over. */
export type AttemptStarter = (connection: Connection, slot: ObjectSlot, ended: () => void) => void;

/** Attempts that prepare themselves (plan, intent) beside those that call. */
const PREPARING = 112;
/** Share of these places that bulk work leaves to everything else. */
const BULK_RESERVE = 1 / 8;
/** Outcomes that wait to be written; beyond this nothing new begins. */
const MAX_UNSETTLED = 1_000;
/** Whoever must not wait for bulk outcomes to be written finds room beyond that. */
const URGENT_UNSETTLED = 200;
const CONCURRENCY = 16;
/** A longer pause than this is not worth waiting for in an attempt. */
const PATIENCE_MS = 1_000;

export interface ScopeOptions {
  readonly name: string;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly start: AttemptStarter;
  /** Where windows are counted; without it none are. */
  readonly limits?: Pick<LimitStore, 'reserve'> | undefined;
}

/**
 * What one rate budget covers: its SP connections share the budget and the number of calls in flight, in fair turns. A scope
 * never waits for another one.
 */
export class Scope {
  readonly name: string;
  readonly bucket: TokenBucket;
  /** Calls in flight. */
  readonly calls = new PrioritySlots(CONCURRENCY);
  readonly #windows: WindowReserve | undefined;
  readonly #latency = new LatencyLimit(CONCURRENCY);
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #start: AttemptStarter;
  /** Attempts under way, those that prepare their calls included. */
  #attempts = 0;
  #mostAttempts = CONCURRENCY + PREPARING;
  #connections: Connection[] = [];
  #pumping = false;

  constructor({ name, clock, start, limits }: ScopeOptions) {
    this.name = name;
    this.#clock = clock;
    this.#start = start;
    this.#windows =
      limits &&
      new WindowReserve({
        scope: name,
        store: limits,
        now: () => clock.now(),
        changed: () => this.bucket.serve(),
        exhausted: (until) => this.bucket.pauseUntil(until),
      });
    this.bucket = new TokenBucket({ clock, windows: this.#windows });
  }

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  add(connection: Connection): void {
    this.#connections.push(connection);
  }

  remove(connection: Connection): void {
    this.#connections = this.#connections.filter((one) => one !== connection);
  }

  /** The strictest limits of the connections that share the scope hold for all of them. */
  configure(): void {
    const limits = this.#connections.flatMap((one) =>
      one.session === undefined ? [] : [one.session.connection.spec.limits],
    );
    if (limits.length === 0) return;
    const least = (pick: (limit: Limits) => number | undefined): number | undefined => {
      const given = limits.map(pick).filter((value) => value !== undefined);
      return given.length === 0 ? undefined : Math.min(...given);
    };
    this.bucket.configure({
      requestsPerSecond: least((limit) => limit.requestsPerSecond),
      burst: least((limit) => limit.burst),
    });
    this.#windows?.configure(strictestWindows(limits));
    const concurrency = least((limit) => limit.concurrency) ?? CONCURRENCY;
    this.#latency.configure(concurrency);
    this.calls.resize(this.#latency.limit);
    this.#mostAttempts = concurrency + PREPARING;
  }

  /** A call took so many milliseconds at the target: where calls queue there, fewer are made at once. */
  observed(targetMs: number): void {
    this.#latency.observe(targetMs, this.calls.used);
    this.calls.resize(this.#latency.limit);
  }

  /** Begins as many attempts as may be under way, the most urgent lane first. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#startNext());
    } finally {
      this.#pumping = false;
    }
  }

  #startNext(): boolean {
    const now = this.#clock.now();
    if (this.bucket.pausedUntil - now > PATIENCE_MS) return false;
    for (const lane of LANES) {
      const connection = this.#next(lane, now);
      const key = connection?.work.queue.take(lane);
      const slot = key === undefined ? undefined : connection?.work.slot(key);
      if (connection === undefined || slot === undefined) continue;
      this.#attempts += 1;
      this.#start(connection, slot, () => {
        this.#attempts -= 1;
        this.pump();
      });
      return true;
    }
    return false;
  }

  /**
   * The one with the fewest attempts under way; of several the one whose last turn is longest ago. Where all places are taken, one
   * that has less than its share gets another: whoever came first, or whose attempts take longer, keeps no neighbour from the budget.
   */
  #next(lane: Lane, now: number): Connection | undefined {
    const places = lane === 'bulk' ? Math.floor(this.#mostAttempts * (1 - BULK_RESERVE)) : this.#mostAttempts;
    const unsettled = lane === 'bulk' ? MAX_UNSETTLED : MAX_UNSETTLED + URGENT_UNSETTLED;
    let fewest = this.#attempts < places ? Infinity : places / this.#connections.length;
    let next: Connection | undefined;
    for (const connection of this.#connections) {
      if (connection.inFlight >= fewest || connection.unsettled >= unsettled) continue;
      if (!connection.lease.holds(now) || !connection.ready(lane, now)) continue;
      next = connection;
      fewest = connection.inFlight;
    }
    if (next === undefined) return undefined;
    this.#connections.splice(this.#connections.indexOf(next), 1);
    this.#connections.push(next);
    return next;
  }
}

/** Of windows of one length the smallest holds. */
function strictestWindows(limits: readonly Limits[]): WindowRule[] {
  const byLength = new Map<number, number>();
  for (const { requests, per } of limits.flatMap((limit) => limit.windows ?? [])) {
    const perMs = durationMs(per);
    byLength.set(perMs, Math.min(byLength.get(perMs) ?? Infinity, requests));
  }
  return [...byLength].map(([perMs, requests]) => ({ perMs, requests }));
}
