/** Latencies below this are no sign of a queue at the target, whatever they were before. */
const UNREMARKABLE_MS = 50;
/** So many times the usual latency is still taken for usual. */
const TOLERANCE = 2;
const SHORT_SAMPLES = 10;
const LONG_SAMPLES = 300;
/** Answers that make a new mean. */
const JUDGED_BY = 2 * SHORT_SAMPLES;
/** How fast the limit follows. */
const SMOOTHING = 0.2;
/** Never below this share of what is configured. */
const LEAST_SHARE = 1 / 8;

/** A queue that half the calls wait in is shorter by more than this. */
const SHORTER = 0.75;

/** The limit is cut to half and stays there until it has shown whether that helps. */
interface Trial {
  readonly limit: number;
  /** Nothing was left to be cut. */
  readonly bottom: boolean;
  /** Latency with all of the calls, as far as their answers have come. */
  before: number;
  /** Answers that say nothing yet: those of calls that were made before, and some that make a mean. */
  left: number;
}

/**
 * How many calls a target gets at once, by its latency: where that grows with the number of calls, more calls only wait in the
 * target's queue. The gradient of Netflix's concurrency-limits, below a configured ceiling; but a target that is no faster with half
 * of the calls has no queue of ours: it has become slower, which is its usual latency from then on. So is what it takes for the fewest
 * calls, because no queue of ours can be shorter; from there it gets more again.
 */
export class LatencyLimit {
  #ceiling: number;
  #limit: number;
  #short: number | undefined;
  #long: number | undefined;
  #trial: Trial | undefined;

  constructor(ceiling: number) {
    this.#ceiling = ceiling;
    this.#limit = ceiling;
  }

  /** Calls at once, a whole number from 1 to the ceiling. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  get #least(): number {
    return Math.max(this.#ceiling * LEAST_SHARE, 1);
  }

  configure(ceiling: number): void {
    if (ceiling === this.#ceiling) return;
    this.#limit = this.#limit === this.#ceiling ? ceiling : Math.min(this.#limit, ceiling);
    this.#ceiling = ceiling;
  }

  /** A call took so many milliseconds while `inFlight` of them were on their way. */
  observe(ms: number, inFlight: number): void {
    const short = averaged(this.#short, ms, SHORT_SAMPLES);
    this.#short = short;
    this.#long ??= short;
    const slow = short > UNREMARKABLE_MS && short > TOLERANCE * this.#long;
    // Few calls at once say nothing about many.
    const few = inFlight < this.#limit / 2;
    if (few || !slow) this.#long = averaged(this.#long, ms, LONG_SAMPLES);
    // What was slow for long and is fast now: the usual is made anew, not waited for.
    if (this.#long > TOLERANCE * short) this.#long *= 0.95;
    if (few) return;
    const gradient = slow ? this.#tried(short) : 1;
    if (!slow) this.#trial = undefined;
    const wanted = this.#limit * gradient + Math.sqrt(this.#limit);
    const next = this.#limit * (1 - SMOOTHING) + wanted * SMOOTHING;
    const least = Math.max(this.#least, this.#trial?.limit ?? 0);
    this.#limit = Math.min(this.#ceiling, Math.max(least, next));
  }

  /** One more answer of a target that is slower than usual; gives by how much fewer calls it should get. */
  #tried(short: number): number {
    const [least, limit] = [this.#least, this.#limit];
    this.#trial ??= {
      limit: Math.max(least, limit / 2),
      bottom: limit <= least,
      before: short,
      left: limit + JUDGED_BY,
    };
    if (this.#trial.left > JUDGED_BY) this.#trial.before = Math.max(this.#trial.before, short);
    if (this.#limit <= this.#trial.limit) this.#trial.left -= 1;
    if (this.#trial.left <= 0) {
      if (this.#trial.bottom || short > this.#trial.before * SHORTER) this.#long = short;
      this.#trial = undefined;
    }
    return Math.min(1, Math.max(0.5, (TOLERANCE * (this.#long ?? short)) / short));
  }
}

const averaged = (before: number | undefined, ms: number, samples: number): number =>
  before === undefined ? ms : before + (ms - before) / samples;
