import type { ObjectType } from '@provisor/contracts';
import { jsonbText } from '../admin/jsonb-text.js';
import type { Database, Transaction } from '../database/database.js';
import type { Outbox } from '../outbox/outbox.js';
import {
  MEMBER,
  NEVER,
  type EdgeWork,
  type WaitingEdge,
  type SettledEdge,
  type EdgeAt,
  type EdgeSettlement,
  type EdgeVerdict,
  type LinkedReference,
} from './edge.js';
import { BY_OWNER, due, MARKED, RUNNABLE } from './edge-sql.js';
import { ownedConnections } from './ownership-store.js';
import { isoOf, keyOf, laneAt, type ObjectKey } from './target-object.js';

interface EdgeRow {
  sp_connection: string;
  member_id: string;
  kind: string;
  other_id: string;
  desired: boolean;
  attempt: number;
  first_attempt_at: Date | null;
  member_target_id: string;
  member_type: ObjectType;
  member_version: string;
  other_target_id: string | null;
  exempt: boolean;
  hold_released: boolean;
  unsure: boolean;
  traceparent: string | null;
}

/** Memberships and references: what is desired, what the target has, and what can be sent. */
export class EdgeStore {
  readonly #database: Database;
  readonly #outbox: Outbox;

  constructor(database: Database, outbox: Outbox) {
    this.#database = database;
    this.#outbox = outbox;
  }

  /** What can be sent of the edges that touch any of these objects. */
  async runnableOf(keys: readonly ObjectKey[], now: number): Promise<EdgeWork[]> {
    if (keys.length === 0) return [];
    return this.#work(
      `with touched as (select * from unnest($2::text[], $3::text[]) as i(c, o)),
       near as (
         select e.* from edges e join touched i on e.sp_connection = i.c and e.member_id = i.o where e.desired <> e.applied
         union
         select e.* from edges e join touched i on e.sp_connection = i.c and e.other_id = i.o where e.desired <> e.applied)
       ${BY_OWNER} from near e ${RUNNABLE} and ${due('$1')} group by 1, 2, 3`,
      [isoOf(now), keys.map((key) => key.spConnection), keys.map((key) => key.objectId)],
    );
  }

  /** What can be sent for a whole SP connection. `retries` looks at those alone that have failed before. */
  async runnableIn(spConnection: string, now: number, only: 'all' | 'retries'): Promise<EdgeWork[]> {
    const retries = only === 'retries' ? 'and e.attempt > 0' : '';
    return this.#work(
      `${BY_OWNER} from edges e ${RUNNABLE} and e.sp_connection = $2 and ${due('$1')} ${retries} group by 1, 2, 3`,
      [isoOf(now), spConnection],
    );
  }

  /** When the next edge is tried again that has failed before and is not due yet. */
  async nextRetry(spConnection: string, now: number): Promise<number | undefined> {
    const rows = await this.#database.query<{ at: Date | null }>(
      `select min(next_attempt_at) as at from edges
       where sp_connection = $1 and desired <> applied and attempt > 0 and next_attempt_at > $2 and next_attempt_at < $3`,
      [spConnection, isoOf(now), isoOf(NEVER)],
    );
    return rows[0]?.at?.getTime();
  }

  async #work(sql: string, parameters: unknown[]): Promise<EdgeWork[]> {
    const rows = await this.#database.query<{
      sp_connection: string;
      members: boolean;
      object_id: string;
      edges: number;
      lane: number;
    }>(sql, parameters);
    return rows.map((row) => ({
      spConnection: row.sp_connection,
      objectId: row.object_id,
      members: row.members,
      edges: row.edges,
      lane: laneAt(row.lane),
    }));
  }

  /** The next memberships of a group to be sent, removals first. Until they are settled it is unsure whether the target has them. */
  async membershipsOf(group: ObjectKey, limit: number, now: number): Promise<WaitingEdge[]> {
    return this.#edges(
      `and e.sp_connection = $1 and e.other_id = $2 and e.kind = '${MEMBER}' and ${due('$3')}
       order by e.desired, e.member_id limit $4`,
      [group.spConnection, group.objectId, isoOf(now), limit],
    );
  }

  /** The references of each object that can be sent, all of them, in the order of `objects`; unsure until they are settled. */
  async referencesOf(objects: readonly ObjectKey[], now: number): Promise<WaitingEdge[][]> {
    const edges = await this.#edges(
      `and (e.sp_connection, e.member_id) in (select * from unnest($1::text[], $2::text[]))
       and e.kind <> '${MEMBER}' and ${due('$3')}`,
      [objects.map((key) => key.spConnection), objects.map((key) => key.objectId), isoOf(now)],
    );
    const found = Map.groupBy(edges, (edge) => keyOf({ spConnection: edge.spConnection, objectId: edge.memberId }));
    return objects.map((key) => found.get(keyOf(key)) ?? []);
  }

  /** The desired references of objects that are about to be created, as far as their other ends have accounts. */
  async linkedReferencesOf(tx: Transaction, objects: readonly ObjectKey[]): Promise<Map<string, LinkedReference[]>> {
    if (objects.length === 0) return new Map();
    const rows = await tx.query<{ c: string; m: string; kind: string; other_id: string; target_id: string }>(
      `with handed as materialized (
       select e.sp_connection, e.member_id, e.kind, e.other_id, o.target_id
       from unnest($1::text[], $2::text[]) as i(c, m)
       join edges e on e.sp_connection = i.c and e.member_id = i.m and e.kind <> '${MEMBER}' and e.desired and not e.applied
       join target_objects o on o.sp_connection = e.sp_connection and o.object_id = e.other_id and o.target_id is not null),
       ${MARKED}
       select sp_connection as c, member_id as m, kind, other_id, target_id from handed`,
      [objects.map((key) => key.spConnection), objects.map((key) => key.objectId)],
    );
    const byObject = Map.groupBy(rows, (row) => keyOf({ spConnection: row.c, objectId: row.m }));
    return new Map(
      [...byObject].map(([key, found]) => [
        key,
        found.map((row) => ({ kind: row.kind, otherId: row.other_id, targetId: row.target_id })),
      ]),
    );
  }

  async #edges(condition: string, parameters: unknown[]): Promise<WaitingEdge[]> {
    const rows = await this.#database.query<EdgeRow>(
      `with handed as materialized (
       select e.sp_connection, e.member_id, e.kind, e.other_id, e.desired, e.attempt, e.first_attempt_at, m.target_id as member_target_id,
         m.object_type as member_type,
         m.version_sequence || '.' || m.version_config as member_version, o.target_id as other_target_id,
         m.desired ->> 'presence' <> 'active' as exempt, e.hold_released, e.unsure, m.traceparent
       from edges e ${RUNNABLE} ${condition}),
       ${MARKED}
       select * from handed`,
      parameters,
    );
    return rows.map((row) => ({
      spConnection: row.sp_connection,
      memberId: row.member_id,
      kind: row.kind,
      otherId: row.other_id,
      desired: row.desired,
      attempt: row.attempt,
      firstAttemptAt: row.first_attempt_at?.getTime() ?? null,
      memberTargetId: row.member_target_id,
      memberType: row.member_type,
      memberVersion: row.member_version,
      otherTargetId: row.other_target_id,
      exempt: row.exempt,
      released: row.hold_released,
      unsure: row.unsure,
      traceparent: row.traceparent,
    }));
  }

  /**
   * Records what became of edges that were sent, with their results, in one transaction. An edge whose desire changed while it was
   * on its way is left different and so is sent again. Answers in the order of `items`.
   */
  async settle(items: readonly EdgeSettlement[], now: number): Promise<EdgeVerdict[]> {
    return this.#database.transaction(async (tx) => {
      const owned = await ownedConnections(
        tx,
        items.map((item) => item.fence),
      );
      const mine = items.filter(({ fence }) => owned.has(fence.spConnection));
      const edges = mine.flatMap(({ fence, edges: sent }) =>
        sent.map((edge) => ({ ...edge, spConnection: fence.spConnection })),
      );
      await this.applied(
        tx,
        edges.filter((edge) => edge.failure === undefined && edge.hold === undefined),
        now,
      );
      await this.#failed(
        tx,
        edges.filter((edge) => edge.failure !== undefined),
      );
      await this.#held(
        tx,
        edges.filter((edge) => edge.hold !== undefined),
        now,
      );
      const records = mine.flatMap((item) => item.records);
      if (records.length > 0) await this.#outbox.append(tx, records);
      return items.map(({ fence }): EdgeVerdict => (owned.has(fence.spConnection) ? 'written' : 'fenced'));
    });
  }

  /** The target has these edges now as they were sent. */
  async applied(tx: Transaction, edges: readonly EdgeAt[], now: number): Promise<void> {
    if (edges.length === 0) return;
    const rows = jsonbText(
      edges.map(({ spConnection: c, memberId: m, kind: k, otherId: o, desired: a, ends }) => ({
        ...{ c, m, k, o, a },
        mt: a ? (ends?.member ?? null) : null,
        ot: a ? (ends?.other ?? null) : null,
      })),
    );
    await tx.query(
      `insert into edges (sp_connection, member_id, kind, other_id, desired, applied, next_attempt_at)
       select i.c, i.m, i.k, i.o, false, i.a, $2
       from jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, o text, a boolean, mt text, ot text)
       left join target_objects mo on i.mt is not null and mo.sp_connection = i.c and mo.object_id = i.m
       left join target_objects oo on i.ot is not null and oo.sp_connection = i.c and oo.object_id = i.o
       where (i.mt is null or mo.target_id = i.mt) and (i.ot is null or oo.target_id = i.ot)
       order by 1, 2, 3, 4
       on conflict (sp_connection, member_id, kind, other_id) do update
         set applied = excluded.applied, unsure = false, attempt = 0, first_attempt_at = null, next_attempt_at = excluded.next_attempt_at,
           code = null, cause = null, held_at = null, hold_released = false`,
      [rows, isoOf(now)],
    );
    await this.#displace(tx, edges);
    if (edges.every((edge) => edge.desired)) return;
    // That a reference was cleared is remembered, so that one which comes back can be told from one that was never ours.
    await tx.query(
      `delete from edges e using jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, o text)
       where (e.sp_connection, e.member_id, e.kind, e.other_id) = (i.c, i.m, i.k, i.o) and e.kind = '${MEMBER}'
         and not e.desired and not e.applied`,
      [rows],
    );
  }

  /** A reference has one value: what was set has taken the place of whatever was cleared there, or was to be. */
  async #displace(tx: Transaction, edges: readonly EdgeAt[]): Promise<void> {
    const set = edges.filter((edge) => edge.desired && edge.kind !== MEMBER);
    if (set.length === 0) return;
    await tx.query(
      `delete from edges e using jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, o text, ot text), target_objects oo
       where e.sp_connection = i.c and e.member_id = i.m and e.kind = i.k and e.other_id <> i.o and not e.desired
         and oo.sp_connection = i.c and oo.object_id = i.o and oo.target_id = i.ot`,
      [
        jsonbText(
          set.map(({ spConnection: c, memberId: m, kind: k, otherId: o, ends }) => ({
            ...{ c, m, k, o },
            ot: ends?.other ?? null,
          })),
        ),
      ],
    );
  }

  /** What surely did not arrive is not there, nor gone, for whoever changed such an edge before its answer came. */
  async #failed(tx: Transaction, edges: readonly (EdgeAt & Pick<SettledEdge, 'failure'>)[]): Promise<void> {
    if (edges.length === 0) return;
    const rows = edges.map(({ failure, ...edge }) => ({
      c: edge.spConnection,
      m: edge.memberId,
      k: edge.kind,
      o: edge.otherId,
      d: edge.desired,
      at: failure?.attempt ?? 0,
      fa: isoOf(failure?.firstAttemptAt ?? 0),
      na: isoOf(failure?.nextAttemptAt ?? NEVER),
      code: failure?.code,
      cause: failure?.cause ?? null,
      un: failure?.unsure ?? false,
    }));
    await tx.query(
      `with failed as (select * from jsonb_to_recordset($1::jsonb)
         as i(c text, m text, k text, o text, d boolean, at int, fa timestamptz, na timestamptz, code text, cause text, un boolean)),
       never_added as (
         delete from edges e using failed i
         where (e.sp_connection, e.member_id, e.kind, e.other_id) = (i.c, i.m, i.k, i.o) and i.d and not e.desired
           and e.unsure and not i.un),
       still_there as (
         update edges e set applied = true, unsure = false from failed i
         where (e.sp_connection, e.member_id, e.kind, e.other_id) = (i.c, i.m, i.k, i.o) and e.desired and not i.d
           and e.unsure and not i.un)
       update edges e set attempt = i.at, first_attempt_at = i.fa, next_attempt_at = i.na, code = i.code, cause = i.cause,
         unsure = i.un
       from failed i
       where (e.sp_connection, e.member_id, e.kind, e.other_id) = (i.c, i.m, i.k, i.o) and e.desired = i.d`,
      [jsonbText(rows)],
    );
  }

  async #held(tx: Transaction, edges: readonly (EdgeAt & Pick<SettledEdge, 'hold'>)[], now: number): Promise<void> {
    if (edges.length === 0) return;
    await tx.query(
      `update edges e set held_at = $2, next_attempt_at = $3, attempt = 0, first_attempt_at = null, code = i.code, cause = i.cause
       from jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, o text, d boolean, code text, cause text)
       where (e.sp_connection, e.member_id, e.kind, e.other_id) = (i.c, i.m, i.k, i.o) and e.desired = i.d and e.applied <> i.d`,
      [
        jsonbText(
          edges.map(({ hold, ...edge }) => ({
            c: edge.spConnection,
            m: edge.memberId,
            k: edge.kind,
            o: edge.otherId,
            d: edge.desired,
            code: hold?.code,
            cause: hold?.cause,
          })),
        ),
        isoOf(now),
        isoOf(NEVER),
      ],
    );
  }

  /**
   * The target has none of the edges of these objects any more, because it does not have the objects. Only a reference may stay when
   * the account that it names has gone: no target has to clear it (RFC 7643 says nothing), and one on its way may arrive later.
   */
  async forget(tx: Transaction, gone: readonly ObjectKey[], now: number): Promise<void> {
    if (gone.length === 0) return;
    const keys = [gone.map((key) => key.spConnection), gone.map((key) => key.objectId)];
    await tx.query(
      `update edges e set applied = not e.desired and e.kind <> '${MEMBER}' and e.other_id = i.o,
         unsure = e.kind <> '${MEMBER}' and e.other_id = i.o, attempt = 0, next_attempt_at = $3, code = null, cause = null,
         held_at = null, hold_released = false
       from unnest($1::text[], $2::text[]) as i(c, o)
       where e.sp_connection = i.c and (e.member_id = i.o or e.other_id = i.o) and (e.applied or e.unsure)`,
      [...keys, isoOf(now)],
    );
    await tx.query(
      `delete from edges e using unnest($1::text[], $2::text[]) as i(c, o)
       where e.sp_connection = i.c and (e.member_id = i.o or e.other_id = i.o) and not e.desired and not e.applied`,
      keys,
    );
  }
}
