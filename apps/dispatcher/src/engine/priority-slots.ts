import { LANES, type Lane } from '@provisor/contracts';
import { FairLanes } from './fair-lanes.js';

/**
 * A number of slots that work takes and gives back. Whoever waits in a more urgent lane gets the next free one, and within
 * a lane the owners take turns. Bulk work leaves a reserve free, so that nothing urgent ever waits for a whole round of it.
 */
export class PrioritySlots {
  readonly #waiting = new FairLanes<() => void>();
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

  async take(lane: Lane, owner: string): Promise<void> {
    if (this.tryTake(lane)) return;
    await new Promise<void>((resolve) => this.#waiting.push(lane, owner, resolve));
  }

  give(): void {
    this.#used -= 1;
    this.#serve();
  }

  #serve(): void {
    for (const lane of LANES) {
      while (this.#waiting.has(lane) && this.tryTake(lane)) this.#waiting.shift(lane)?.();
    }
  }
}
