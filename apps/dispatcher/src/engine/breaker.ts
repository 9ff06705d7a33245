export interface BreakerOptions {
  /** Systemic failures in a row that open it. */
  readonly threshold: number;
  readonly initialMs: number;
  readonly maxMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';
/** A service provider that is well again is to be served within 10 s: the longest wait leaves room for the answer to the probe. */
const DEFAULTS: BreakerOptions = { threshold: 5, initialMs: 1_000, maxMs: 8_000 };

/**
 * closed: calls pass. After `threshold` systemic failures in a row → open: no call until a time that doubles with every failed
 * probe. Then half-open: one call at a time may try; success → closed, systemic failure → open again.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openings = 0;
  #openUntil: number | undefined;
  #probing = false;

  constructor(options: Partial<BreakerOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  state(now: number): BreakerState {
    if (this.#openUntil === undefined) return 'closed';
    return now < this.#openUntil ? 'open' : 'half-open';
  }

  /** When a probe is allowed; undefined while closed. */
  get openUntil(): number | undefined {
    return this.#openUntil;
  }

  admits(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half-open' && !this.#probing);
  }

  /** A call begins. Answers whether it is a probe. */
  began(now: number): boolean {
    if (this.state(now) !== 'half-open') return false;
    this.#probing = true;
    return true;
  }

  /** The service provider answered, well or badly. Answers whether this closed the breaker. */
  succeeded(probe: boolean): boolean {
    if (probe) this.#probing = false;
    this.#failures = 0;
    // Only a probe closes: what was in flight when it opened says nothing about now.
    if (this.#openUntil === undefined || !probe) return false;
    this.#openUntil = undefined;
    this.#openings = 0;
    return true;
  }

  /** Trouble of the service provider as a whole. Answers whether this opened the breaker. `random` from [0, 1). */
  failed(probe: boolean, now: number, random: number): boolean {
    if (probe) this.#probing = false;
    this.#failures += 1;
    const opens = this.#openUntil === undefined ? this.#failures >= this.#options.threshold : probe;
    if (!opens) return false;
    const span = Math.min(this.#options.maxMs, this.#options.initialMs * 2 ** Math.min(30, this.#openings));
    this.#openUntil = now + Math.round(span * (0.75 + random / 4));
    this.#openings += 1;
    return true;
  }

  /** The call ended without telling anything about the service provider. */
  undecided(probe: boolean): void {
    if (probe) this.#probing = false;
  }
}
