import type { Lane } from '@provisor/contracts';

/**
 * What waits in four lanes. Within a lane the owners take turns, each with what it has had waiting longest: an owner with a hundred
 * in the lane gets no more turns than one with a single one there.
 */
export class FairLanes<T> {
  /** By owner; whose turn is next stands first. */
  readonly #lanes: Readonly<Record<Lane, Map<string, T[]>>> = {
    leaver: new Map(),
    interactive: new Map(),
    delta: new Map(),
    bulk: new Map(),
  };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(lane: Lane): boolean {
    return this.#lanes[lane].size > 0;
  }

  push(lane: Lane, owner: string, item: T): void {
    const items = this.#lanes[lane].get(owner);
    if (items === undefined) this.#lanes[lane].set(owner, [item]);
    else items.push(item);
    this.#size += 1;
  }

  /** The next one of a lane. */
  shift(lane: Lane): T | undefined {
    const owners = this.#lanes[lane];
    const [turn] = owners;
    if (turn === undefined) return undefined;
    const [owner, items] = turn;
    const item = items.shift();
    owners.delete(owner);
    if (items.length > 0) owners.set(owner, items);
    this.#size -= 1;
    return item;
  }

  /** Takes out everything, the most urgent lane first. */
  drain(): T[] {
    const all = Object.values(this.#lanes).flatMap((owners) => [...owners.values()].flat());
    for (const owners of Object.values(this.#lanes)) owners.clear();
    this.#size = 0;
    return all;
  }
}
