/** Several refusals within this time are one: they were sent before the first was heard. */
const ONE_REFUSAL_MS = 1_000;
/** A refusal after fewer requests than this tells of an outage, not of a rate: the pause that goes with it is enough. */
const ENOUGH_REQUESTS = 10;
/** A refusal takes the rate down by this share of what was sent. */
const BACK_OFF = 0.3;
/** After this time the rate is back at what was refused; each time that the same rate is refused again, after twice as long. */
const FIRST_PLATEAU_MS = 10_000;
const LAST_PLATEAU_MS = 160_000;
/** Rates that differ by less than this share are the same limit. */
const SAME_LIMIT = 0.3;
/** Grown to so many times what was refused, it was no limit of the target. */
const FORGOTTEN_AT = 10;
const SLOWEST_PER_SECOND = 0.1;
/** Over so long the present rate is measured. */
const MEASURE_MS = 2_000;

interface Lesson {
  /** What was sent per second when the target refused. */
  readonly refusedRate: number;
  readonly at: number;
  readonly plateauMs: number;
}

/**
 * What a target bears, learnt from its refusals, below whatever ceiling is configured. The rate follows a cubic of the time since the
 * refusal, as in TCP CUBIC (RFC 9438): quickly back to near what was refused, long about there, and away from it when nothing
 * happens. Instants are milliseconds, rates requests per second.
 */
export class AdaptiveRate {
  #grants: number[] = [];
  #refusedAt = -Infinity;
  #lesson: Lesson | undefined;

  /** A request was allowed. */
  granted(now: number): void {
    this.#grants.push(now);
    if (this.#grants.length > 64 && (this.#grants[0] ?? now) < now - MEASURE_MS) this.#trim(now);
  }

  /** The target refused because of too many requests. */
  refused(now: number): void {
    const again = now - this.#refusedAt < ONE_REFUSAL_MS;
    this.#refusedAt = now;
    this.#trim(now);
    const since = this.#grants[0];
    if (again || since === undefined || this.#grants.length < ENOUGH_REQUESTS) return;
    // A burst is measured over a second at least.
    const sent = (this.#grants.length * 1_000) / Math.max(1_000, now - since);
    const refusedRate = Math.min(sent, this.limit(now) ?? sent);
    const before = this.#lesson;
    const same = before !== undefined && Math.abs(refusedRate / before.refusedRate - 1) < SAME_LIMIT;
    const plateauMs = same ? Math.min(LAST_PLATEAU_MS, before.plateauMs * 2) : FIRST_PLATEAU_MS;
    this.#lesson = { refusedRate, at: now, plateauMs };
  }

  /** The most requests per second now; undefined where nothing is known against any rate. */
  limit(now: number): number | undefined {
    if (this.#lesson === undefined) return undefined;
    const { refusedRate, at, plateauMs } = this.#lesson;
    const fromPlateau = (Math.max(0, now - at) - plateauMs) / plateauMs;
    const factor = 1 + BACK_OFF * fromPlateau ** 3;
    if (factor < FORGOTTEN_AT) return Math.max(SLOWEST_PER_SECOND, refusedRate * factor);
    this.#lesson = undefined;
    return undefined;
  }

  #trim(now: number): void {
    const from = this.#grants.findIndex((at) => at >= now - MEASURE_MS);
    this.#grants = from < 0 ? [] : this.#grants.slice(from);
  }
}
