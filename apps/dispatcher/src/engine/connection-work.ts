import { LANES, type Lane } from '@provisor/contracts';
import { keyOf, type ObjectKey, type PageEnd, type TargetObject } from '@provisor/persistence';
import type { WorkPort } from './dispatch-stores.js';
import type { DueEdges } from './edge-agenda.js';
import { LaneQueue } from './lane-queue.js';
import { ObjectSlot } from './object-slot.js';

/** Objects of one SP connection that are kept in memory at most; the rest waits in the database. */
const MAX_SLOTS = 5_000;
/** Whoever must not wait finds room beyond that. */
const URGENT_SLOTS = 1_000;
const PAGE = 500;
/** A lane with fewer waiting objects than this is filled up from the database. */
const LOW_WATER = 1_000;

/** Keys of objects whose attempts ended, or whose slots were given up, since a read of the database began: what was read of them may be old. */
export interface Observation {
  readonly finished: ReadonlySet<string>;
  end(): void;
}

/**
 * The work of one SP connection: slots for the objects at hand, their queue, and what is known of work that only the database
 * has. Invariant: a row that is read while its slot is given up is never trusted.
 */
export class ConnectionWork {
  readonly queue = new LaneQueue();
  readonly #store: WorkPort;
  readonly #name: string;
  readonly #slots = new Map<string, ObjectSlot>();
  readonly #observations = new Set<Set<string>>();
  /** Objects whose rows were read while they were in an attempt, or may have changed since: each is read again by itself. */
  readonly #doubtful = new Set<string>();
  /** Lanes that have, or may have, due rows that no slot stands for. */
  readonly #backlog = new Set<Lane>();
  readonly #scans = new Map<Lane, PageEnd | undefined>();
  /** When the last look through each lane began: what became due since then was not seen by it. */
  readonly #lookedAt = new Map<Lane, number>();
  #nextDueAt: number | undefined;
  #reading = false;

  constructor(name: string, store: WorkPort) {
    this.#name = name;
    this.#store = store;
  }

  get size(): number {
    return this.#slots.size;
  }

  slot(key: string): ObjectSlot | undefined {
    return this.#slots.get(key);
  }

  slots(): Iterable<ObjectSlot> {
    return this.#slots.values();
  }

  /** Does the database hold due work of this lane that is not in memory, as far as known? */
  hasBacklog(lane: Lane): boolean {
    return this.#backlog.has(lane) || this.#scans.has(lane);
  }

  /** Call before reading rows that are to be fed. */
  observe(): Observation {
    const finished = new Set<string>();
    this.#observations.add(finished);
    return { finished, end: () => void this.#observations.delete(finished) };
  }

  /** The database may have due work that is not known here. */
  lookAgain(): void {
    for (const lane of LANES) this.#backlog.add(lane);
  }

  /** The database may have work of this object that is not known here. */
  lookAt(objectId: string): void {
    this.#doubtful.add(objectId);
  }

  /** An object becomes due at an instant. */
  dueAt(at: number): void {
    this.#nextDueAt = Math.min(this.#nextDueAt ?? at, at);
  }

  /** Takes in objects with a new desired state. `finished` is from the observation that began before they were read. */
  feed(rows: readonly TargetObject[], finished: ReadonlySet<string>): void {
    for (const row of rows) {
      const key = keyOf(row);
      const slot = this.#slots.get(key);
      if (slot !== undefined) {
        if (slot.desire(row) && !slot.busy) this.queue.add(key, row.lane);
      } else if (finished.has(key)) {
        this.lookAt(row.objectId);
      } else if (this.#slots.size >= room(row.lane)) {
        this.#backlog.add(row.lane);
      } else {
        this.#open(row, { stateDue: true });
      }
    }
  }

  /**
   * Sees to it that edges of these objects are sent; loads the rows that are not at hand. Answers those that have to be looked at
   * again, because their slots were given up during the read.
   */
  async addEdgeWork(due: readonly DueEdges[], now: number): Promise<DueEdges[]> {
    const keyed = due.map((one) => ({ ...one, key: keyOf({ spConnection: this.#name, objectId: one.objectId }) }));
    const missing = new Map<string, ObjectKey>();
    for (const { key, objectId } of keyed)
      if (!this.#slots.has(key)) missing.set(key, { spConnection: this.#name, objectId });
    const observation = this.observe();
    try {
      if (missing.size > 0)
        for (const row of await this.#store.load([...missing.values()])) {
          const key = keyOf(row);
          if (!observation.finished.has(key) && !this.#slots.has(key)) this.#openForEdges(row, now);
        }
      const again: DueEdges[] = [];
      for (const { key, ...one } of keyed) {
        const slot = this.#slots.get(key);
        if (slot !== undefined) this.#edgesDue(slot, one);
        // Also one that was at hand before the read, and was given up while others were read.
        else if (observation.finished.has(key)) again.push(one);
      }
      return again;
    } finally {
      observation.end();
    }
  }

  #edgesDue(slot: ObjectSlot, { members, edges, lane }: DueEdges): void {
    if (members) slot.addMembers({ edges, lane });
    else slot.referencesDue = true;
    if (!slot.busy) this.queue.add(slot.key, lane);
  }

  /** Without a link its edges cannot be sent; they are looked at when it gets one. */
  #openForEdges(row: TargetObject, now: number): void {
    if (row.targetId === null) return;
    const slot = new ObjectSlot(row);
    slot.stateDue = row.state === 'pending' && row.nextAttemptAt <= now;
    this.#slots.set(slot.key, slot);
  }

  /** Fills lanes from the database where memory runs low. Resolves to whether anything came. */
  async refill(now: number): Promise<boolean> {
    if (this.#nextDueAt !== undefined && this.#nextDueAt <= now) {
      this.#nextDueAt = undefined;
      this.lookAgain();
    }
    if (this.#reading) return false;
    this.#reading = true;
    try {
      if (this.#doubtful.size > 0 && this.#slots.size <= room('leaver') - PAGE) return await this.#readDoubtful(now);
      const lane = LANES.find((one) => this.hasBacklog(one) && this.queue.sizeOf(one) < LOW_WATER);
      if (lane === undefined || this.#slots.size > room(lane) - PAGE) return false;
      return await this.#readPage(lane, now);
    } finally {
      this.#reading = false;
    }
  }

  async #readDoubtful(now: number): Promise<boolean> {
    const ids = [...this.#doubtful].slice(0, PAGE);
    for (const id of ids) this.#doubtful.delete(id);
    const observation = this.observe();
    try {
      const rows = await this.#store.load(ids.map((objectId) => ({ spConnection: this.#name, objectId })));
      for (const row of rows.filter(({ state }) => state === 'pending'))
        if (row.nextAttemptAt <= now) this.#adopt(row, observation.finished);
        else this.dueAt(row.nextAttemptAt);
      return rows.length > 0;
    } catch (error) {
      for (const id of ids) this.#doubtful.add(id);
      throw error;
    } finally {
      observation.end();
    }
  }

  async #readPage(lane: Lane, now: number): Promise<boolean> {
    if (!this.#scans.has(lane)) this.#backlog.delete(lane);
    const after = this.#scans.get(lane);
    if (after === undefined) this.#lookedAt.set(lane, now);
    // From here on the lane is known to have a backlog until the scan is over.
    this.#scans.set(lane, after);
    const observation = this.observe();
    try {
      const page = await this.#store.due(this.#name, lane, now, {
        size: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const row of page.objects) this.#adopt(row, observation.finished);
      if (page.end === undefined) this.#scans.delete(lane);
      else this.#scans.set(lane, page.end);
      if (!LANES.some((one) => this.hasBacklog(one))) {
        const next = await this.#store.nextDue(this.#name, Math.min(now, ...this.#lookedAt.values()));
        if (next !== undefined) this.dueAt(next);
      }
      return page.objects.length > 0;
    } catch (error) {
      this.#backlog.add(lane);
      throw error;
    } finally {
      observation.end();
    }
  }

  #adopt(row: TargetObject, finished: ReadonlySet<string>): void {
    const key = keyOf(row);
    if (finished.has(key)) {
      this.lookAt(row.objectId);
      return;
    }
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      this.#open(row, { stateDue: true });
      return;
    }
    if (slot.busy) {
      // What is under way may be something else: the row is read again when that has ended.
      slot.missed = true;
      return;
    }
    if (slot.desire(row)) {
      this.queue.add(key, row.lane);
      return;
    }
    // A person may have asked for it since it came into memory.
    slot.row = this.#isNewer(row, slot)
      ? row
      : { ...slot.row, lane: row.lane, holdReleased: slot.row.holdReleased || row.holdReleased };
    slot.stateDue = true;
    this.queue.add(key, row.lane);
  }

  /** A reconciliation may have changed what is known of an account whose object is in memory for its edges only. */
  #isNewer(row: TargetObject, slot: ObjectSlot): boolean {
    const { version, attempt } = slot.row;
    return (
      !slot.stateDue &&
      row.attempt === attempt &&
      row.version.sequence === version.sequence &&
      row.version.config === version.config
    );
  }

  #open(row: TargetObject, due: { stateDue: boolean }): void {
    const slot = new ObjectSlot(row);
    slot.stateDue = due.stateDue;
    this.#slots.set(slot.key, slot);
    this.queue.add(slot.key, row.lane);
  }

  /** An attempt is over: the object waits for its next work, or is given up. */
  finish(slot: ObjectSlot): void {
    slot.busy = false;
    this.#lookForMissed(slot);
    this.#outdate(slot);
    if (slot.hasWork) {
      this.queue.add(slot.key, slot.row.lane);
      return;
    }
    this.drop(slot);
  }

  #lookForMissed(slot: ObjectSlot): void {
    if (slot.missed) this.lookAt(slot.row.objectId);
    slot.missed = false;
  }

  /** Gives a slot up, whatever it has to do: the database knows. */
  drop(slot: ObjectSlot): void {
    this.#lookForMissed(slot);
    this.queue.remove(slot.key);
    this.#slots.delete(slot.key);
    this.#outdate(slot);
  }

  /** What was read of its row before may be old. */
  #outdate(slot: ObjectSlot): void {
    for (const finished of this.#observations) finished.add(slot.key);
  }
}

const room = (lane: Lane): number => MAX_SLOTS + (lane === 'leaver' || lane === 'interactive' ? URGENT_SLOTS : 0);
