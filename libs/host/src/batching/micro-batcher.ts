import type { Clock } from '../clock.js';

export interface MicroBatcherOptions<I, O> {
  readonly maxItems: number;
  /** For how many items one counts; 1 unless given. A larger one than `maxItems` makes a batch of its own. */
  readonly sizeOf?: (item: I) => number;
  /** How long an item may wait for others, in milliseconds; the most impatient item of a batch decides. */
  readonly delayMs: (item: I) => number;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Handles a batch; answers in its order. */
  run(items: readonly I[]): Promise<readonly O[]>;
  /** After a failure: the whole batch again after a pause, or its items one by one, so that one bad item fails alone. */
  onError(error: unknown, items: number): 'again' | 'one-by-one';
}

interface Entry<I, O> {
  readonly item: I;
  /** When its patience ends. */
  readonly due: number;
  readonly resolve: (output: O) => void;
  readonly reject: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Collects single items into batches: one batch at a time, and while it runs the next one fills. */
export class MicroBatcher<I, O> {
  readonly #options: MicroBatcherOptions<I, O>;
  readonly #stopped = new AbortController();
  #entries: Entry<I, O>[] = [];
  /** Of all entries together. */
  #size = 0;
  /** When the batch that fills is taken; no item is due before it while a batch runs. */
  #dueAt = -Infinity;
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: MicroBatcherOptions<I, O>) {
    this.#options = options;
  }

  /** Items that wait or are being handled. */
  get pending(): number {
    return this.#entries.length + this.#inWork;
  }
  #inWork = 0;

  add(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const due = this.#options.clock.now() + this.#options.delayMs(item);
      this.#entries.push({ item, due, resolve, reject });
      this.#size += this.#sizeOf(item);
      if (due < this.#dueAt || this.#size >= this.#options.maxItems) this.#wake.abort();
      this.#running ??= this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Gives up on what fails instead of trying again; for a stop whose time is over. */
  abandon(): void {
    this.#stopped.abort();
  }

  async #work(): Promise<void> {
    // Everything that was added in the same turn belongs to the batch.
    await Promise.resolve();
    while (this.#entries.length > 0) {
      await this.#untilDue();
      const batch = this.#take();
      this.#inWork = batch.length;
      await this.#handle(batch);
      this.#inWork = 0;
    }
    this.#running = undefined;
  }

  async #untilDue(): Promise<void> {
    const { clock, maxItems } = this.#options;
    while (this.#size < maxItems) {
      const now = clock.now();
      this.#dueAt = this.#entries.reduce((soonest, entry) => Math.min(soonest, entry.due), Infinity);
      if (this.#dueAt <= now) break;
      this.#wake = new AbortController();
      await clock.sleep(this.#dueAt - now, this.#wake.signal);
    }
    this.#dueAt = -Infinity;
  }

  #sizeOf(item: I): number {
    return this.#options.sizeOf?.(item) ?? 1;
  }

  #take(): Entry<I, O>[] {
    let size = 0;
    let count = 0;
    for (const { item } of this.#entries) {
      const next = size + this.#sizeOf(item);
      if (count > 0 && next > this.#options.maxItems) break;
      size = next;
      count += 1;
    }
    const batch = this.#entries.slice(0, count);
    this.#entries = this.#entries.slice(count);
    this.#size -= size;
    return batch;
  }

  async #handle(batch: readonly Entry<I, O>[]): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const outputs = await this.#options.run(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => entry.resolve(outputs[index] as O));
        return;
      } catch (error) {
        const then = this.#options.onError(error, batch.length);
        if (then === 'one-by-one' && batch.length > 1) {
          for (const entry of batch) await this.#handle([entry]);
          return;
        }
        if (then === 'one-by-one' || this.#stopped.signal.aborted) {
          for (const entry of batch) entry.reject(error);
          return;
        }
        await this.#options.clock.sleep(pause, this.#stopped.signal);
      }
    }
  }
}
