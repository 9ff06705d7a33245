import { LANES, type Lane } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import { AdaptiveRate } from './adaptive-rate.js';
import { FairLanes } from './fair-lanes.js';
import type { WindowReserve } from './window-reserve.js';

/** The limit scope has to wait longer than it is worth waiting in an attempt; the work goes back to its queue. */
export class ScopeWaits extends Error {
  override readonly name = 'ScopeWaits';
  readonly until: number;

  constructor(until: number) {
    super(`The limit scope waits until ${new Date(until).toISOString()}.`);
    this.until = until;
  }
}

export interface TokenBucketOptions {
  /** No limit where absent. */
  readonly requestsPerSecond?: number | undefined;
  /** Tokens that a quiet time may save up; the requests of one second where absent. */
  readonly burst?: number | undefined;
  /** Budgets over longer spans; none where absent. */
  readonly windows?: Pick<WindowReserve, 'take' | 'asking'> | undefined;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/** A pause shorter than this is sat out by the attempt that asks. */
const PATIENCE_MS = 1_000;

/**
 * The request budget of one limit scope. Tokens come at the configured rate, or at a lower one that the target taught us; whoever
 * waits in a more urgent lane gets the next one, and within a lane the SP connections take turns. It begins empty: what the owner before has spent is not known here.
 */
export class TokenBucket {
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #windows: TokenBucketOptions['windows'];
  readonly #waiting = new FairLanes<Waiter>();
  #rate: number | undefined;
  #burst: number;
  #tokens = 0;
  #filledAt: number;
  #pausedUntil = 0;
  readonly #adaptive = new AdaptiveRate();
  #timer: AbortController | undefined;

  constructor(options: TokenBucketOptions) {
    this.#clock = options.clock;
    this.#windows = options.windows;
    this.#rate = options.requestsPerSecond;
    this.#burst = burstOf(options);
    this.#filledAt = options.clock.now();
  }

  configure(options: Pick<TokenBucketOptions, 'requestsPerSecond' | 'burst'>): void {
    this.#fill();
    this.#rate = options.requestsPerSecond;
    this.#burst = burstOf(options);
    this.#tokens = Math.min(this.#tokens, this.#burst);
    this.#serve();
  }

  /** Until when no request is allowed; in the past if requests are. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** No request before this instant. An earlier end never shortens a pause. Throws out whoever would wait too long. */
  pauseUntil(until: number): void {
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    if (until - this.#clock.now() > PATIENCE_MS)
      for (const waiter of this.#waiting.drain()) waiter.reject(new ScopeWaits(until));
    this.#rearm();
  }

  /** The target said that it gets too many requests: until it is calm again, the rate stays below what made it say so. */
  refused(): void {
    this.#fill();
    this.#adaptive.refused(this.#clock.now());
    this.#tokens = 0;
    this.#rearm();
  }

  /** Requests per second that are allowed now; undefined where there is no limit. */
  get rate(): number | undefined {
    const learnt = this.#adaptive.limit(this.#clock.now());
    if (learnt === undefined || this.#rate === undefined) return learnt ?? this.#rate;
    return Math.min(learnt, this.#rate);
  }

  /** Resolves when this SP connection may send a request; rejects with ScopeWaits in a long pause. */
  async acquire(lane: Lane, spConnection: string): Promise<void> {
    const now = this.#clock.now();
    if (this.#pausedUntil - now > PATIENCE_MS) throw new ScopeWaits(this.#pausedUntil);
    this.#fill();
    if (this.#pausedUntil <= now && this.#waiting.size === 0 && this.#spend()) return;
    const granted = new Promise<void>((resolve, reject) => this.#waiting.push(lane, spConnection, { resolve, reject }));
    this.#serve();
    await granted;
  }

  #spend(): boolean {
    const limited = this.rate !== undefined;
    if (limited && this.#tokens < 1) return false;
    if (this.#windows?.take() === false) return false;
    if (limited) this.#tokens -= 1;
    this.#adaptive.granted(this.#clock.now());
    return true;
  }

  #fill(): void {
    const now = this.#clock.now();
    // A clock that jumps back gives nothing, and takes nothing.
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    const { rate } = this;
    if (rate === undefined) return;
    // What was learnt the hard way is not to be saved up for a burst.
    const most = rate === this.#rate ? this.#burst : 1;
    this.#tokens = Math.min(most, this.#tokens + (elapsed * rate) / 1000);
  }

  /** Serves whoever waits, as far as that is possible by now. */
  serve(): void {
    this.#serve();
  }

  #serve(): void {
    this.#fill();
    if (this.#clock.now() >= this.#pausedUntil) {
      for (const lane of LANES) {
        while (this.#waiting.has(lane) && this.#spend()) this.#waiting.shift(lane)?.resolve();
      }
    }
    this.#rearm();
  }

  /** One timer for the moment at which the next waiter can be served. */
  #rearm(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    // A window that is asked for more calls back.
    if (this.#waiting.size === 0 || this.#windows?.asking === true) return;
    const pause = Math.max(0, this.#pausedUntil - this.#clock.now());
    const { rate } = this;
    const refill = rate === undefined ? 0 : Math.max(0, ((1 - this.#tokens) * 1000) / rate);
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(Math.max(1, Math.ceil(Math.max(pause, refill))), timer.signal).then(() => {
      if (!timer.signal.aborted) this.#serve();
    });
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: ScopeWaits) => void;
}

const burstOf = (options: { requestsPerSecond?: number | undefined; burst?: number | undefined }): number =>
  options.burst ?? Math.max(1, Math.floor(options.requestsPerSecond ?? 1));
