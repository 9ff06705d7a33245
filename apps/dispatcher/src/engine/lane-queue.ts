import { LANES, type Lane } from '@provisor/contracts';

/** Keys in four lanes, first come first served within a lane. A key stands in one lane at a time. */
export class LaneQueue {
  readonly #lanes: Readonly<Record<Lane, Set<string>>> = {
    leaver: new Set(),
    interactive: new Set(),
    delta: new Set(),
    bulk: new Set(),
  };
  readonly #laneOf = new Map<string, Lane>();

  get size(): number {
    return this.#laneOf.size;
  }

  sizeOf(lane: Lane): number {
    return this.#lanes[lane].size;
  }

  /** Puts a key at the end of a lane. One that waits in a more urgent lane, or in this one, keeps its place. */
  add(key: string, lane: Lane): void {
    const present = this.#laneOf.get(key);
    if (present !== undefined && LANES.indexOf(present) <= LANES.indexOf(lane)) return;
    this.remove(key);
    this.#lanes[lane].add(key);
    this.#laneOf.set(key, lane);
  }

  remove(key: string): void {
    const lane = this.#laneOf.get(key);
    if (lane === undefined) return;
    this.#lanes[lane].delete(key);
    this.#laneOf.delete(key);
  }

  /** The longest waiting key of a lane. */
  take(lane: Lane): string | undefined {
    const [key] = this.#lanes[lane];
    if (key !== undefined) this.remove(key);
    return key;
  }
}
