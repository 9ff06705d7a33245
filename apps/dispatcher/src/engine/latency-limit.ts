/** Latencies below this are no sign of a queue at the target, whatever they were before. */
const UNREMARKABLE_MS = 50;
/** So many times the usual latency is still taken for usual. */
const TOLERANCE = 2;
const SHORT_SAMPLES = 10;
const LONG_SAMPLES = 300;
/** How fast the limit follows. */
const SMOOTHING = 0.2;
/** Never below this share of what is configured. */
const LEAST_SHARE = 1 / 8;

/**
 * How many calls a target gets at once, by its latency: where that grows with the number of calls, more calls only wait in the
 * target's queue. The gradient of Netflix's concurrency-limits, below a configured ceiling.
 */
export class LatencyLimit {
  #ceiling: number;
  #limit: number;
  #short: number | undefined;
  #long: number | undefined;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
  }

  /** Calls at once, a whole number from 1 to the ceiling. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  configure(ceiling: number): void {
    if (ceiling === this.#ceiling) return;
    this.#limit = this.#limit === this.#ceiling ? ceiling : Math.min(this.#limit, ceiling);
    this.#ceiling = ceiling;
  }

  /** A call took so many milliseconds while `inFlight` of them were on their way. */
  observe(ms: number, inFlight: number): void {
    this.#short = averaged(this.#short, ms, SHORT_SAMPLES);
    this.#long = averaged(this.#long, ms, LONG_SAMPLES);
    // What was slow for long and is fast now: the usual is made anew, not waited for.
    if (this.#long > TOLERANCE * this.#short) this.#long *= 0.95;
    // Few calls at once say nothing about many.
    if (inFlight < this.#limit / 2) return;
    const slow = this.#short > UNREMARKABLE_MS;
    const gradient = slow ? Math.min(1, Math.max(0.5, (TOLERANCE * this.#long) / this.#short)) : 1;
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    const next = this.#limit * (1 - SMOOTHING) + wanted * SMOOTHING;
    this.#limit = Math.min(this.#ceiling, Math.max(this.#ceiling * LEAST_SHARE, 1, next));
  }
}

const averaged = (before: number | undefined, ms: number, samples: number): number =>
  before === undefined ? ms : before + (ms - before) / samples;
