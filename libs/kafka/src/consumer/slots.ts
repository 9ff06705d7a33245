/**
 * A number of places that several queues share. A queue that finds none leaves word with `wait` and is called once when a
 * place may be free; those who waited longest are called first.
 */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  tryTake(): boolean {
    if (this.#free <= 0) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
    for (const call of this.#waiting) {
      if (this.#free <= 0) return;
      this.#waiting.delete(call);
      call();
    }
  }

  wait(call: () => void): void {
    this.#waiting.add(call);
  }

  forget(call: () => void): void {
    this.#waiting.delete(call);
  }
}
