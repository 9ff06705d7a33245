import type { Lane, ObjectType } from '@provisor/contracts';
import { REPAIR_REASON, type ConnectionState, type Fence } from '@provisor/persistence';
import type { TargetSession } from '../delivery/target-session.js';
import { ConnectionGate } from './connection-gate.js';
import { ConnectionWork } from './connection-work.js';
import type { WorkPort } from './dispatch-stores.js';
import { EdgeAgenda, type EdgeLoad } from './edge-agenda.js';
import type { PartitionLease } from './partition-lease.js';
import type { GuardWindows } from './guard-windows.js';
import type { Scope } from './scope.js';

export interface ConnectionParts {
  readonly state: ConnectionState;
  readonly lease: PartitionLease;
  readonly scope: Scope;
  readonly window: GuardWindows;
  readonly store: WorkPort;
}

/** So many unlinked objects are better served by one listing than by a look-up each. */
const CENSUS_FROM = 200;
/** Memberships in one call, for a target that does not say. */
const MEMBERS_PER_CALL = 100;
/** A bulk load is thought to go on for this long after its last command. */
const BULK_LINGER_MS = 1_000;
/** At its beginning a bulk load shows whether it has enough for a listing: within the first time, or when nothing comes for the second. */
const GATHER_MS = 2_000;
const LULL_MS = 250;
/** A load that begins with so many is given more time: the parts that bring it have often just been started. */
const LIKELY_LARGE = 20;
const LARGE_LULL_MS = 1_000;
/** How often the waiting objects are counted, at most. */
const CENSUS_LOOK_MS = 100;

/** One SP connection that this process owns. */
export class Connection {
  readonly name: string;
  readonly lease: PartitionLease;
  readonly scope: Scope;
  readonly window: GuardWindows;
  readonly gate = new ConnectionGate();
  readonly work: ConnectionWork;
  readonly agenda = new EdgeAgenda();
  /** An operator may have changed it in the database: also between the read that it was made from and now, when nobody was told. */
  stateOutdated = true;
  session: TargetSession | undefined;
  /** When a session that could not be made is tried again. */
  sessionRetryAt = 0;
  /** Attempts whose calls have not ended. */
  inFlight = 0;
  /** Attempts whose outcome is not written yet, those in flight included. */
  unsettled = 0;
  /** When edges that failed are looked at again. */
  edgesRetryAt: number | undefined;
  /** Edges may be runnable that never failed: the next look is at all of them. */
  edgesLookAtAll = true;
  /** Bulk work waits until the census is there. */
  bulkWaits = false;
  closed = false;
  #bulkAt = 0;
  #bulkSince = 0;
  #censusLookAt = 0;

  constructor(parts: ConnectionParts) {
    this.name = parts.state.spConnection;
    this.lease = parts.lease;
    this.scope = parts.scope;
    this.window = parts.window;
    this.work = new ConnectionWork(this.name, parts.store);
    this.gate.restore(parts.state);
  }

  get fence(): Fence {
    return { spConnection: this.name, partition: this.lease.partition, epoch: this.lease.epoch };
  }

  sawBulk(now: number): void {
    // That the database may have more, as at every start, does not make it an old load.
    if (this.work.queue.sizeOf('bulk') === 0 && now - this.#bulkAt >= BULK_LINGER_MS) this.#bulkSince = now;
    this.#bulkAt = now;
  }

  /** Does a load of many objects go on? */
  bulkLoad(now: number): boolean {
    return this.work.queue.sizeOf('bulk') > 0 || this.work.hasBacklog('bulk') || now - this.#bulkAt < BULK_LINGER_MS;
  }

  /** Memberships that one call can carry. */
  get membersPerCall(): number {
    return this.session?.description?.maxMembersPerCall ?? MEMBERS_PER_CALL;
  }

  edgeLoad(now: number): EdgeLoad {
    return { bulk: this.bulkLoad(now), chunk: this.membersPerCall };
  }

  /** May an attempt of this lane begin? */
  ready(lane: Lane, now: number): boolean {
    if (this.closed || this.session === undefined || this.work.queue.sizeOf(lane) === 0) return false;
    if (lane === 'bulk' && (this.bulkWaits || this.#gathers(now))) return false;
    // One at a time until it is known what the target can do.
    if (this.session.description === undefined && this.inFlight > 0) return false;
    return this.gate.block(now) === undefined;
  }

  /** A load that has just begun: the look-ups of its first objects would be in vain if a listing follows. */
  #gathers(now: number): boolean {
    const lullMs = this.work.size < LIKELY_LARGE ? LULL_MS : LARGE_LULL_MS;
    const until = Math.min(this.#bulkSince + GATHER_MS, this.#bulkAt + lullMs);
    return now < until && this.session?.description?.list === true && this.session.census('user').worthwhile;
  }

  /** The object type of which so many unlinked objects wait that a census should be taken. */
  wantsCensus(now: number): ObjectType | undefined {
    const { session } = this;
    if (session?.description?.list !== true || this.work.size < CENSUS_FROM || now < this.#censusLookAt)
      return undefined;
    this.#censusLookAt = now + CENSUS_LOOK_MS;
    const waiting = { user: 0, group: 0 };
    for (const { row, stateDue } of this.work.slots())
      // What a reconciliation plans again comes from a listing; another one would cost more than these look-ups.
      if (stateDue && row.targetId === null && row.desired.presence !== 'absent' && row.reason !== REPAIR_REASON)
        waiting[row.objectType] += 1;
    return (['user', 'group'] as const).find((type) => waiting[type] >= CENSUS_FROM && session.census(type).worthwhile);
  }

  /** A census is true for the load that it was taken for. */
  forgetCensus(now: number): void {
    if (this.session === undefined || this.bulkLoad(now) || this.work.size >= CENSUS_FROM) return;
    this.session.census('user').forget();
    this.session.census('group').forget();
  }
}
