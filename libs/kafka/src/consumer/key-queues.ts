/**
 * Work of one partition in order per key: a key is idle (no entry), ready (queued, nobody works on it) or busy (taken).
 * `take` makes a ready key busy, `release` makes it ready again if more came meanwhile. Invariants: at most one holder per key;
 * items of a key leave in the order in which they came; ready keys are served in the order in which they became ready.
 */
export class KeyQueues<I> {
  readonly #items = new Map<string, I[]>();
  readonly #busy = new Set<string>();
  /** Ready keys; a Set keeps insertion order. */
  readonly #ready = new Set<string>();
  #queued = 0;

  /** Items that wait; those taken are not counted. */
  get queued(): number {
    return this.#queued;
  }

  get busy(): number {
    return this.#busy.size;
  }

  add(key: string, item: I): void {
    const items = this.#items.get(key);
    if (items === undefined) this.#items.set(key, [item]);
    else items.push(item);
    this.#queued += 1;
    if (!this.#busy.has(key)) this.#ready.add(key);
  }

  /** The oldest ready key with up to `max` of its items, or undefined if no key is ready. */
  take(max: number): { readonly key: string; readonly items: readonly I[] } | undefined {
    const [key] = this.#ready;
    if (key === undefined) return undefined;
    const waiting = this.#items.get(key) ?? [];
    const items = waiting.splice(0, max);
    if (waiting.length === 0) this.#items.delete(key);
    this.#ready.delete(key);
    this.#busy.add(key);
    this.#queued -= items.length;
    return { key, items };
  }

  release(key: string): void {
    if (!this.#busy.delete(key)) throw new Error(`Key was not taken: ${key}`);
    if (this.#items.has(key)) this.#ready.add(key);
  }

  /** Forgets what waits. Taken keys stay busy until released. */
  clear(): void {
    this.#items.clear();
    this.#ready.clear();
    this.#queued = 0;
  }
}
