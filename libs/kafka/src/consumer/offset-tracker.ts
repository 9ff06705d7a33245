/**
 * Which offset of one partition may be committed while its records finish in any order.
 *
 * States of an offset: unknown → pending (`add`) → finished (`finish`). Invariants: offsets are added in rising order; the
 * committable offset never passes a pending one; it never falls. Offsets may have gaps (compaction, control records).
 */
export class OffsetTracker {
  /** Added offsets from the oldest pending one on; entries before `#head` are done with. */
  #order: bigint[] = [];
  #head = 0;
  readonly #finishedAhead = new Set<bigint>();
  #committable: bigint | undefined;
  #last: bigint | undefined;

  /** Offset to continue at if the work ended now, or undefined while nothing has finished. */
  get committable(): bigint | undefined {
    return this.#committable;
  }

  /** Number of offsets that are not finished. */
  get pending(): number {
    return this.#order.length - this.#head - this.#finishedAhead.size;
  }

  /** True if a record with this offset was added already: a repeated delivery. */
  knows(offset: bigint): boolean {
    return this.#last !== undefined && offset <= this.#last;
  }

  /** Throws RangeError unless `offset` is greater than all before. */
  add(offset: bigint): void {
    if (this.#last !== undefined && offset <= this.#last)
      throw new RangeError(`Offset ${offset} does not follow ${this.#last}.`);
    this.#last = offset;
    this.#order.push(offset);
  }

  finish(offset: bigint): void {
    if (this.#order[this.#head] !== offset) {
      this.#finishedAhead.add(offset);
      return;
    }
    let finished: bigint | undefined = offset;
    while (finished !== undefined) {
      this.#head += 1;
      this.#committable = finished + 1n;
      const next: bigint | undefined = this.#order[this.#head];
      finished = next !== undefined && this.#finishedAhead.delete(next) ? next : undefined;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#head);
      this.#head = 0;
    }
  }
}
