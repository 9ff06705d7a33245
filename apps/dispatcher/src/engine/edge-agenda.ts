import { LANES, type Lane } from '@provisor/contracts';
import type { EdgeWork } from '@provisor/persistence';

/** Edges that are to be sent now: those of a group, or the references of an object. */
export interface DueEdges {
  readonly objectId: string;
  readonly members: boolean;
  /** How many of them are known to wait. */
  readonly edges: number;
  readonly lane: Lane;
}

/** What an SP connection is busy with. `chunk` is how many memberships one call can carry. */
export interface EdgeLoad {
  readonly bulk: boolean;
  readonly chunk: number;
}

interface Entry {
  readonly objectId: string;
  readonly members: boolean;
  edges: number;
  lane: Lane;
  readonly since: number;
}

/** How long a chunk may wait to become full during a bulk load. */
const PATIENCE_MS = 2_000;
/** A group that was sent a chunk within this time collects for the next one. */
const COLLECT_MS = 1_500;
/** Where no more than a few come, nobody is kept waiting that long for a full chunk. */
const FEW = 10;
const COLLECT_FEW_MS = 250;
/** An edge that is looked at while it is on its way is counted twice: a chunk that is to be full needs some more. */
const FULL = 1.1;

/**
 * Groups and objects of one SP connection whose edges can be sent. A group that gets one change after another, and every group during a
 * bulk load, waits until its chunk is full or old, so that it costs as few requests as its size allows. The first change of a quiet
 * group is sent at once, and so is whatever is urgent. Holds counts and no edges.
 */
export class EdgeAgenda {
  readonly #entries = new Map<string, Entry>();
  /** When the groups that collect were sent their last chunk. */
  readonly #sentAt = new Map<string, number>();

  get size(): number {
    return this.#entries.size;
  }

  add(work: readonly Pick<EdgeWork, 'objectId' | 'members' | 'edges' | 'lane'>[], now: number): void {
    for (const { objectId, members, edges, lane } of work) {
      const key = keyOf(objectId, members);
      const entry = this.#entries.get(key);
      if (entry === undefined) {
        this.#entries.set(key, { objectId, members, edges, lane, since: now });
        continue;
      }
      entry.edges += edges;
      if (LANES.indexOf(lane) < LANES.indexOf(entry.lane)) entry.lane = lane;
    }
  }

  /** Takes out what is due. */
  take(now: number, load: EdgeLoad): DueEdges[] {
    for (const [objectId, at] of this.#sentAt) if (now - at >= COLLECT_MS) this.#sentAt.delete(objectId);
    return [...this.#entries.values()].filter((entry) => this.#isDue(entry, now, load)).map((e) => this.#out(e, now));
  }

  /** Takes out the memberships of one group if they are due. */
  takeMembers(objectId: string, now: number, load: EdgeLoad): DueEdges | undefined {
    const entry = this.#entries.get(keyOf(objectId, true));
    return entry !== undefined && this.#isDue(entry, now, load) ? this.#out(entry, now) : undefined;
  }

  #isDue({ objectId, members, edges, lane, since }: Entry, now: number, { bulk, chunk }: EdgeLoad): boolean {
    if (lane === 'leaver' || lane === 'interactive') return true;
    if (members && edges >= Math.floor(chunk * FULL)) return true;
    if (bulk && lane === 'bulk') return now - since >= PATIENCE_MS;
    const collectMs = edges < FEW ? COLLECT_FEW_MS : COLLECT_MS;
    return !members || now - (this.#sentAt.get(objectId) ?? -Infinity) >= collectMs;
  }

  #out({ objectId, members, edges, lane }: Entry, now: number): DueEdges {
    this.#entries.delete(keyOf(objectId, members));
    if (members) this.#sentAt.set(objectId, now);
    return { objectId, members, edges, lane };
  }
}

const keyOf = (objectId: string, members: boolean): string => `${members ? 'm' : 'r'}${objectId}`;
