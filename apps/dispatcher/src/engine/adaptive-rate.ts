/** Several refusals within this time are one: they were sent before the first was heard. */
const ONE_REFUSAL_MS = 1_000;
/** A refusal takes the rate down to this share of what was sent. */
const BACK_OFF = 0.7;
/** After so long without a refusal the rate grows again … */
const CALM_MS = 5_000;
/** … each second by this share of what it was at the refusal. */
const GROWTH_PER_SECOND = 0.05;
/** Grown to so many times what was refused, it was no limit of the target. */
const FORGOTTEN_AT = 10;
const SLOWEST_PER_SECOND = 0.1;
/** Over so long the present rate is measured. */
const MEASURE_MS = 2_000;

/**
 * What a target bears, learnt from its refusals: additive increase, multiplicative decrease, below whatever ceiling is configured.
 * Pure but for its own memory; instants are milliseconds, rates requests per second.
 */
export class AdaptiveRate {
  #grants: number[] = [];
  #refusedAt = -Infinity;
  /** What the rate was set to by the last refusal; undefined where none is remembered. */
  #floor: number | undefined;

  /** A request was allowed. */
  granted(now: number): void {
    this.#grants.push(now);
    if (this.#grants.length > 64 && (this.#grants[0] ?? now) < now - MEASURE_MS) this.#trim(now);
  }

  /** The target refused because of too many requests. */
  refused(now: number): void {
    if (now - this.#refusedAt < ONE_REFUSAL_MS) {
      this.#refusedAt = now;
      return;
    }
    const sent = this.#measured(now);
    const allowed = this.limit(now) ?? sent;
    this.#floor = Math.max(SLOWEST_PER_SECOND, Math.min(sent, allowed) * BACK_OFF);
    this.#refusedAt = now;
  }

  /** The most requests per second now; undefined where nothing is known against any rate. */
  limit(now: number): number | undefined {
    if (this.#floor === undefined) return undefined;
    const calm = Math.max(0, now - this.#refusedAt - CALM_MS) / 1_000;
    const grown = this.#floor * (1 + GROWTH_PER_SECOND * calm);
    if (grown < this.#floor * FORGOTTEN_AT) return grown;
    this.#floor = undefined;
    return undefined;
  }

  #measured(now: number): number {
    this.#trim(now);
    const since = this.#grants[0];
    if (since === undefined) return SLOWEST_PER_SECOND;
    // A burst is measured over a second at least.
    return (this.#grants.length * 1_000) / Math.max(1_000, now - since);
  }

  #trim(now: number): void {
    const from = this.#grants.findIndex((at) => at >= now - MEASURE_MS);
    this.#grants = from < 0 ? [] : this.#grants.slice(from);
  }
}
