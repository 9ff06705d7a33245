/** A tenth of the time may be spent on asking. */
const TIMES_ITS_COST = 9;
const LONGEST_MS = 5_000;

/**
 * An answer that costs, shared by everybody who asks at the same time and for a while after: nine times as long as it took, so that a
 * cheap one is always fresh, and a dear one no load however often it is asked for.
 */
export class PacedAnswer<T> {
  readonly #ask: () => Promise<T>;
  readonly #now: () => number;
  #answer: Promise<T> | undefined;
  #freshUntil = 0;

  constructor(ask: () => Promise<T>, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  get(): Promise<T> {
    if (this.#answer !== undefined && this.#now() < this.#freshUntil) return this.#answer;
    const askedAt = this.#now();
    const answer = this.#ask();
    this.#answer = answer;
    this.#freshUntil = Infinity;
    answer.then(
      () => {
        const now = this.#now();
        this.#freshUntil = now + Math.min(LONGEST_MS, (now - askedAt) * TIMES_ITS_COST);
      },
      () => (this.#answer = undefined),
    );
    return answer;
  }
}
