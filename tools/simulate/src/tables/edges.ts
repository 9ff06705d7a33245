import type { Lane } from '@provisor/contracts';
import {
  keyOf,
  MEMBER,
  NEVER,
  type EdgeEnds,
  type EdgeSettlement,
  type EdgeVerdict,
  type EdgeWork,
  type IngestedCommand,
  type LinkedReference,
  type ObjectKey,
  type SettledEdge,
  type WaitingEdge,
} from '@provisor/persistence';
import { moreUrgent } from './lanes.js';
import { edgeKey, type EdgeRow, type ObjectRow, type Tables } from './tables.js';

type EdgeName = Pick<EdgeRow, 'spConnection' | 'memberId' | 'kind' | 'otherId'>;
/** Never tried is due whatever the clock says. */
const isDue = (edge: EdgeRow, now: number): boolean =>
  edge.nextAttemptAt <= now || (edge.attempt === 0 && edge.nextAttemptAt < NEVER);

const FRESH = { attempt: 0, firstAttemptAt: null, code: null } as const;

/** `EdgeStore` on tables in memory. */
export class EdgeTable {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Replaces the desired edges of the commands' objects, as far as the commands name them. */
  desire(commands: readonly IngestedCommand[], now: number): ObjectKey[] {
    const changed = new Map<string, ObjectKey>();
    for (const { command } of commands) {
      const { spConnection, objectId: memberId, desired } = command;
      const wanted = [
        ...(desired.memberOf ?? []).map((otherId) => ({ spConnection, memberId, kind: MEMBER, otherId })),
        ...Object.entries(desired.references ?? {}).map(([kind, otherId]) => ({
          spConnection,
          memberId,
          kind,
          otherId,
        })),
      ];
      const names = new Set(wanted.map(edgeKey));
      const touched = wanted.filter((edge) => this.#add(edge, now)).length > 0;
      const gone = this.#tables
        .edgesOf(spConnection)
        .filter((edge) => edge.memberId === memberId && edge.desired && !names.has(edgeKey(edge)))
        .filter((edge) => (edge.kind === MEMBER ? desired.memberOf : desired.references) !== undefined);
      const dropped = gone.filter((edge) => this.#drop(edge, now)).length > 0;
      if (touched || dropped) changed.set(keyOf(command), { spConnection, objectId: memberId });
    }
    return [...changed.values()];
  }

  #add(name: EdgeName, now: number): boolean {
    const edge = this.#tables.edges.get(edgeKey(name));
    if (edge === undefined) {
      this.#tables.edges.set(edgeKey(name), {
        ...name,
        desired: true,
        applied: false,
        unsure: false,
        ...FRESH,
        nextAttemptAt: now,
      });
      return true;
    }
    if (edge.desired && edge.code === null) return false;
    const applied = edge.applied && (edge.desired || !edge.unsure);
    Object.assign(edge, { ...FRESH, desired: true, applied, nextAttemptAt: now });
    return true;
  }

  #drop(edge: EdgeRow, now: number): boolean {
    if (!edge.applied && !edge.unsure) {
      this.#tables.edges.delete(edgeKey(edge));
      return false;
    }
    Object.assign(edge, { ...FRESH, desired: false, applied: true, nextAttemptAt: now });
    return true;
  }

  runnableOf(keys: readonly ObjectKey[], now: number): EdgeWork[] {
    const touched = new Set(keys.map(keyOf));
    const near = (edge: EdgeRow): boolean =>
      touched.has(keyOf({ ...edge, objectId: edge.memberId })) ||
      touched.has(keyOf({ ...edge, objectId: edge.otherId }));
    return this.#work([...this.#tables.edges.values()].filter((edge) => near(edge) && isDue(edge, now)));
  }

  runnableIn(spConnection: string, now: number, only: 'all' | 'retries'): EdgeWork[] {
    const edges = this.#tables.edgesOf(spConnection).filter((edge) => isDue(edge, now));
    return this.#work(edges.filter((edge) => only === 'all' || edge.attempt > 0));
  }

  nextRetry(spConnection: string, now: number): number | undefined {
    const times = this.#tables
      .edgesOf(spConnection)
      .filter((edge) => edge.desired !== edge.applied && edge.attempt > 0)
      .map((edge) => edge.nextAttemptAt)
      .filter((at) => at > now && at < NEVER);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #work(edges: readonly EdgeRow[]): EdgeWork[] {
    const work = new Map<
      string,
      { spConnection: string; objectId: string; members: boolean; edges: number; lane: Lane }
    >();
    for (const edge of edges) {
      const ends = this.runnable(edge);
      if (ends === undefined) continue;
      const members = edge.kind === MEMBER;
      const objectId = members ? edge.otherId : edge.memberId;
      const key = `${members} ${edge.spConnection} ${objectId}`;
      const entry = work.get(key) ?? { spConnection: edge.spConnection, objectId, members, edges: 0, lane: 'bulk' };
      entry.edges += 1;
      entry.lane = moreUrgent(entry.lane, ends.member.lane);
      work.set(key, entry);
    }
    return [...work.values()];
  }

  /** Both ends of an edge that differs from what is desired and can be sent. */
  runnable(edge: EdgeRow): { member: ObjectRow; other: ObjectRow | undefined } | undefined {
    const member = this.#tables.object({ spConnection: edge.spConnection, objectId: edge.memberId });
    const other = this.#tables.object({ spConnection: edge.spConnection, objectId: edge.otherId });
    if (edge.desired === edge.applied || member === undefined || member.targetId === null) return undefined;
    const otherLinked = other !== undefined && other.targetId !== null;
    if (!otherLinked && (edge.kind === MEMBER || edge.desired)) return undefined;
    if (edge.desired && member.desired.presence === 'absent') return undefined;
    if (member.desired.presence !== 'active' && leavesLater(member)) return undefined;
    return { member, other };
  }

  membershipsOf(group: ObjectKey, limit: number, now: number): WaitingEdge[] {
    const edges = this.#tables
      .edgesOf(group.spConnection)
      .filter((edge) => edge.kind === MEMBER && edge.otherId === group.objectId && isDue(edge, now))
      .sort((a, b) => Number(a.desired) - Number(b.desired) || (a.memberId < b.memberId ? -1 : 1));
    return this.#handOut(edges.filter((edge) => this.runnable(edge) !== undefined).slice(0, limit));
  }

  referencesOf(objects: readonly ObjectKey[], now: number): WaitingEdge[][] {
    return objects.map(({ spConnection, objectId }) =>
      this.#handOut(
        this.#tables
          .edgesOf(spConnection)
          .filter((edge) => edge.kind !== MEMBER && edge.memberId === objectId && isDue(edge, now)),
      ),
    );
  }

  /** The desired references of an object that is about to be created, as far as their other ends have accounts. */
  linkedReferencesOf({ spConnection, objectId }: ObjectKey): LinkedReference[] {
    return this.#tables
      .edgesOf(spConnection)
      .filter((edge) => edge.memberId === objectId && edge.kind !== MEMBER && edge.desired && !edge.applied)
      .flatMap((edge) => {
        const { kind, otherId } = edge;
        const targetId = this.#tables.object({ spConnection, objectId: otherId })?.targetId ?? null;
        if (targetId === null) return [];
        edge.unsure = true;
        return [{ kind, otherId, targetId }];
      });
  }

  /** Until they are settled it is unsure whether the target has them. */
  #handOut(edges: readonly EdgeRow[]): WaitingEdge[] {
    return edges.flatMap((edge) => {
      const ends = this.runnable(edge);
      if (ends === undefined) return [];
      const { unsure } = edge;
      edge.unsure = true;
      const { member, other } = ends;
      const { spConnection, memberId, kind, otherId, desired, attempt, firstAttemptAt } = edge;
      return {
        ...{ spConnection, memberId, kind, otherId, desired, attempt, firstAttemptAt },
        memberTargetId: member.targetId ?? '',
        memberType: member.objectType,
        memberVersion: `${member.version.sequence}.${member.version.config}`,
        otherTargetId: other?.targetId ?? null,
        ...{ unsure, traceparent: member.traceparent },
      };
    });
  }

  settle(items: readonly EdgeSettlement[], now: number): EdgeVerdict[] {
    return items.map(({ fence, edges, records }) => {
      if (!this.#tables.owns(fence)) return 'fenced';
      const { spConnection } = fence;
      for (const { failure, ...sent } of edges) {
        const name = { ...sent, spConnection };
        if (failure === undefined) this.applied(name, now);
        else this.#failed(name, failure);
      }
      this.#tables.outbox.push(...records);
      return 'written';
    });
  }

  /** The target has this edge now as it was sent. */
  applied({ desired, ends, ...name }: EdgeName & { desired: boolean; ends?: EdgeEnds }, now: number): void {
    if (desired && this.#replaced(name, ends)) return;
    const edge = this.#tables.edges.get(edgeKey(name)) ?? {
      ...name,
      desired: false,
      applied: false,
      unsure: false,
      ...FRESH,
      nextAttemptAt: now,
    };
    Object.assign(edge, { ...FRESH, applied: desired, unsure: false, nextAttemptAt: now });
    this.#tables.edges.set(edgeKey(name), edge);
    // A reference that was cleared is remembered.
    if (!edge.desired && !edge.applied && edge.kind === MEMBER) this.#tables.edges.delete(edgeKey(name));
    if (desired && name.kind !== MEMBER) this.#displace(name);
  }

  /** References that an account was seen to have need not be sent. */
  seen({ spConnection, objectId }: ObjectKey, shown: Readonly<Record<string, string>>, now: number): void {
    for (const edge of this.#tables.edgesOf(spConnection)) {
      const { memberId, kind, otherId, desired, applied } = edge;
      const targetId = shown[kind];
      if (memberId !== objectId || kind === MEMBER || !desired || applied || targetId === undefined) continue;
      if (this.#tables.object({ spConnection, objectId: otherId })?.targetId === targetId)
        this.applied({ spConnection, memberId, kind, otherId, desired: true }, now);
    }
  }

  /** A reference has one value: what was set has taken the place of whatever was cleared there, or was to be. */
  #displace({ spConnection, memberId, kind, otherId }: EdgeName): void {
    for (const edge of this.#tables.edgesOf(spConnection))
      if (edge.memberId === memberId && edge.kind === kind && edge.otherId !== otherId && !edge.desired)
        this.#tables.edges.delete(edgeKey(edge));
  }

  /** Is one of the accounts that were named in it another one by now? */
  #replaced({ spConnection, memberId, otherId }: EdgeName, ends: EdgeEnds = {}): boolean {
    const isOther = (objectId: string, targetId: string | null | undefined): boolean =>
      typeof targetId === 'string' && this.#tables.object({ spConnection, objectId })?.targetId !== targetId;
    return isOther(memberId, ends.member) || isOther(otherId, ends.other);
  }

  #failed(
    name: EdgeName & { desired: boolean },
    { attempt, firstAttemptAt, nextAttemptAt, code, unsure = false }: NonNullable<SettledEdge['failure']>,
  ): void {
    const edge = this.#tables.edges.get(edgeKey(name));
    if (edge?.desired === name.desired) Object.assign(edge, { attempt, firstAttemptAt, nextAttemptAt, code, unsure });
    // What surely did not arrive is not there, nor gone, for whoever changed the edge before its answer came.
    else if (edge?.unsure === true && !unsure) {
      if (edge.desired) Object.assign(edge, { applied: true, unsure: false });
      else this.#tables.edges.delete(edgeKey(name));
    }
  }

  /** The target has none of the edges of this object any more, because it does not have the object. */
  forget({ spConnection, objectId }: ObjectKey, now: number): void {
    for (const edge of this.#tables.edgesOf(spConnection)) {
      if (edge.memberId !== objectId && edge.otherId !== objectId) continue;
      // Only a reference may stay when the account that it names has gone, or arrive later.
      const mayStay = edge.kind !== MEMBER && edge.otherId === objectId;
      if (edge.applied || edge.unsure)
        Object.assign(edge, {
          ...{ applied: mayStay && !edge.desired, unsure: mayStay },
          ...{ attempt: 0, code: null, nextAttemptAt: now },
        });
      if (!edge.desired && !edge.applied) this.#tables.edges.delete(edgeKey(edge));
    }
  }
}

/** Whoever leaves loses the account first. */
const leavesLater = ({ state, lastOutcome }: ObjectRow): boolean =>
  state === 'pending' || state === 'held' || (state === 'skipped' && lastOutcome?.code === 'guard.rejected');
