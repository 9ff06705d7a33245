import { LANES, type Lane } from '@provisor/contracts';

/**
 * A number of slots that work takes and gives back. Whoever waits in a more urgent lane gets the next free one. Bulk work leaves
 * a reserve free, so that nothing urgent ever waits for a whole round of it.
 */
export class PrioritySlots {
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { leaver: [], interactive: [], delta: [], bulk: [] };
  #capacity: number;
  #used = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#used;
  }

  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#serve();
  }

  /** May work of this lane take a slot without waiting? */
  free(lane: Lane): boolean {
    const reserve = lane === 'bulk' && this.#capacity > 1 ? Math.ceil(this.#capacity / 8) : 0;
    return this.#used < this.#capacity - reserve;
  }

  tryTake(lane: Lane): boolean {
    if (!this.free(lane)) return false;
    this.#used += 1;
    return true;
  }

  async take(lane: Lane): Promise<void> {
    if (this.tryTake(lane)) return;
    await new Promise<void>((resolve) => this.#waiting[lane].push(resolve));
  }

  give(): void {
    this.#used -= 1;
    this.#serve();
  }

  #serve(): void {
    for (const lane of LANES) {
      while (this.#waiting[lane].length > 0 && this.tryTake(lane)) this.#waiting[lane].shift()?.();
    }
  }
}
