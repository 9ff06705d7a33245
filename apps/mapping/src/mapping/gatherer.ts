interface Waiting<T> {
  readonly partition: number;
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface GathererOptions<T> {
  /** Works at once; while they run, whatever else comes is gathered. */
  readonly concurrency: number;
  /** Items of one work at most, unless one partition brings more. */
  readonly most: number;
  readonly work: (byPartition: ReadonlyMap<number, readonly T[]>) => Promise<void>;
}

/**
 * Carries out together what several partitions bring at the same time. A partition waits for its answer before it brings more. What
 * fails together is tried again one partition after the other, so that only the one at fault has to be told.
 */
export class Gatherer<T> {
  readonly #o: GathererOptions<T>;
  #waiting: Waiting<T>[] = [];
  #running = 0;
  #due = false;

  constructor(options: GathererOptions<T>) {
    this.#o = options;
  }

  run(partition: number, items: readonly T[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ partition, items, resolve, reject });
      this.#pumpSoon();
    });
  }

  /** The partitions of one fetch bring what they have one after the other in the same turn of the event loop. */
  #pumpSoon(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#running < this.#o.concurrency && this.#waiting.length > 0) {
      const taken = this.#take();
      this.#running += 1;
      void this.#carryOut(taken).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  #take(): Waiting<T>[] {
    let count = 0;
    let items = 0;
    for (const {
      items: { length },
    } of this.#waiting) {
      if (count > 0 && items + length > this.#o.most) break;
      items += length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #carryOut(taken: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#o.work(new Map(taken.map(({ partition, items }) => [partition, items])));
      for (const { resolve } of taken) resolve();
    } catch (error) {
      if (taken.length === 1) taken[0]?.reject(error);
      else for (const one of taken) await this.#carryOut([one]);
    }
  }
}
