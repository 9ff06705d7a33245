interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** An instant as it may stand on a real clock. */
export const EPOCH = Date.parse('2026-01-01T00:00:00Z');

/**
 * Time that goes on from one event to the next. Between two events everything runs that waits for nothing but its turn, so that
 * what happens depends on the order of the events alone.
 */
export class VirtualTime {
  #now = EPOCH;
  #order = 0;
  #events = 0;
  readonly #heap: Timer[] = [];

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** Runs something `ms` milliseconds from now. Answers how to call it off. */
  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: (this.#order += 1), run };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /** Goes on until `done` says so, nothing is left to happen, or `until` is reached. */
  async run(done: () => boolean, until: number): Promise<void> {
    await turn();
    while (!done()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) return;
      const { run, at } = next;
      this.#pop();
      if (run === undefined) continue;
      this.#now = Math.max(this.#now, at);
      this.#events += 1;
      run();
      await turn();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(timer, heap[above])) break;
      heap[at] = heap[above] as Timer;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (isBefore(heap[below + 1], heap[below])) below += 1;
      if (!isBefore(heap[below], last)) break;
      heap[at] = heap[below] as Timer;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Ends when no promise is left that could go on by itself. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
