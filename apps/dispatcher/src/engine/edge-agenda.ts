import { LANES, type Lane } from '@provisor/contracts';
import type { EdgeWork } from '@provisor/persistence';

/** Edges that are to be sent now: those of a group, or the references of an object. */
export interface DueEdges {
  readonly objectId: string;
  readonly members: boolean;
  readonly lane: Lane;
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

/**
 * Groups and objects of one SP connection whose edges can be sent. During a bulk load a chunk waits until it is full or old, so
 * that a group costs as few requests as its size allows; at any other time it is sent at once. Holds counts and no edges.
 */
export class EdgeAgenda {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  add(work: readonly Pick<EdgeWork, 'objectId' | 'members' | 'edges' | 'lane'>[], now: number): void {
    for (const { objectId, members, edges, lane } of work) {
      const key = `${members ? 'm' : 'r'}${objectId}`;
      const entry = this.#entries.get(key);
      if (entry === undefined) {
        this.#entries.set(key, { objectId, members, edges, lane, since: now });
        continue;
      }
      entry.edges += edges;
      if (LANES.indexOf(lane) < LANES.indexOf(entry.lane)) entry.lane = lane;
    }
  }

  /** Takes out what is due. `chunk` is how many memberships one call can carry. */
  take(now: number, load: { bulk: boolean; chunk: number }): DueEdges[] {
    const due: DueEdges[] = [];
    for (const [key, entry] of this.#entries) {
      const full = entry.members && entry.edges >= load.chunk;
      if (load.bulk && entry.lane === 'bulk' && !full && now - entry.since < PATIENCE_MS) continue;
      this.#entries.delete(key);
      due.push({ objectId: entry.objectId, members: entry.members, lane: entry.lane });
    }
    return due;
  }
}
