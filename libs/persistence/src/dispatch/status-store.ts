import type { Database } from '../database/database.js';
import { ACCOUNTING, accountingJson, type Accounting } from './accounting-store.js';
import type { Quarantine } from './ownership-store.js';
import { REPAIR_REASON } from './reconciliation-store.js';
import { TARGET_OBJECT_COLUMNS, toTargetObject, type TargetObject, type TargetObjectRow } from './target-object.js';

/** Counts of one SP connection. Every object is in exactly one of pending, done, failed, held and skipped. */
export interface ConnectionCounts {
  readonly spConnection: string;
  readonly limitScope: string;
  readonly partition: number;
  readonly paused: boolean;
  readonly pausedBy: string | null;
  readonly quarantine: Quarantine | null;
  readonly probeAt: Date | null;
  readonly throttledUntil: Date | null;
  /** Objects that should have an account or group at the target. */
  readonly desired: number;
  /** Objects that have one, as desired. */
  readonly applied: number;
  readonly pending: number;
  readonly done: number;
  readonly failed: number;
  readonly held: number;
  readonly skipped: number;
  /** Age of the oldest change that is not applied yet, in milliseconds; 0 where none is. What is only repaired is no change. */
  readonly oldestPendingAgeMs: number;
  readonly waitingEdges: number;
  /** Ends of memberships that a guard has stopped. */
  readonly heldMemberships: number;
  readonly accounting: Accounting;
}

export interface EdgeStatus {
  readonly memberId: string;
  readonly kind: string;
  readonly otherId: string;
  readonly desired: boolean;
  readonly applied: boolean;
  readonly attempt: number;
  readonly nextAttemptAt: Date;
  readonly code: string | null;
  readonly cause: string | null;
  readonly bothLinked: boolean;
  /** It is to end, and its member is to be removed first. */
  readonly afterAccount: boolean;
}

/** Everything that is known of one object. */
export interface ObjectStatus {
  readonly object: TargetObject;
  readonly desiredAt: Date;
  readonly appliedAt: Date | null;
  readonly hold: { readonly how: string; readonly cause: string; readonly heldAt: Date } | null;
  /** The first 200. */
  readonly edges: readonly EdgeStatus[];
}

const MAX_EDGES = 200;

/** Read side: what SP connections and objects are at. */
export class StatusStore {
  readonly #database: Database;
  readonly #targetType: string;

  constructor(database: Database, targetType: string) {
    this.#database = database;
    this.#targetType = targetType;
  }

  async connections(): Promise<ConnectionCounts[]> {
    return this.#database.query<ConnectionCounts>(
      `select c.sp_connection as "spConnection", c.limit_scope as "limitScope", c.partition, c.paused,
         c.paused_by as "pausedBy", c.quarantine,
         c.probe_at as "probeAt", case when s.throttled_until > now() then s.throttled_until end as "throttledUntil",
         coalesce(n.desired, 0) as desired, coalesce(n.applied, 0) as applied, coalesce(n.pending, 0) as pending,
         coalesce(n.done, 0) as done, coalesce(n.failed, 0) as failed, coalesce(n.held, 0) as held,
         coalesce(n.skipped, 0) as skipped,
         coalesce(greatest(0, extract(epoch from now() - n.oldest) * 1000), 0)::float8 as "oldestPendingAgeMs",
         (select count(*)::int from edges e where e.sp_connection = c.sp_connection and e.desired <> e.applied) as "waitingEdges",
         (select count(*)::int from edges e where e.sp_connection = c.sp_connection and e.held_at is not null) as "heldMemberships",
         ${accountingJson('coalesce(n.pending, 0)', 'coalesce(n.held, 0)')} as accounting
       from sp_connections c
       ${ACCOUNTING}
       left join limit_scopes s on s.target_type = c.target_type and s.scope = c.limit_scope
       left join lateral (
         select count(*) filter (where t.desired ->> 'presence' <> 'absent')::int as desired,
           count(*) filter (where t.state = 'done' and t.target_id is not null)::int as applied,
           count(*) filter (where t.state = 'pending')::int as pending,
           count(*) filter (where t.state = 'done')::int as done,
           count(*) filter (where t.state = 'failed')::int as failed,
           count(*) filter (where t.state = 'held')::int as held,
           count(*) filter (where t.state = 'skipped')::int as skipped,
           min(t.mapped_at) filter (where t.state = 'pending' and t.reason <> '${REPAIR_REASON}') as oldest
         from target_objects t where t.sp_connection = c.sp_connection) n on true
       where c.target_type = $1 order by c.sp_connection`,
      [this.#targetType],
    );
  }

  /** Cheap numbers for metrics, from the partial indexes alone. */
  async gauges(): Promise<
    {
      spConnection: string;
      pending: number;
      oldestPendingAgeMs: number;
      failed: number;
      held: number;
      accounting: Accounting;
      quarantined: boolean;
    }[]
  > {
    return this.#database.query(
      `select c.sp_connection as "spConnection", c.quarantine is not null as quarantined, p.pending,
         coalesce(greatest(0, extract(epoch from now() - o.oldest) * 1000), 0)::float8 as "oldestPendingAgeMs", f.failed,
         f.held + (select count(*)::int from edges e where e.sp_connection = c.sp_connection and e.held_at is not null) as held,
         ${accountingJson('p.pending', 'f.held')} as accounting
       from sp_connections c
       ${ACCOUNTING}
       cross join lateral (select count(*)::int as pending from target_objects t
         where t.sp_connection = c.sp_connection and t.state = 'pending') p
       left join lateral (select t.mapped_at as oldest from target_objects t
         where t.sp_connection = c.sp_connection and t.state = 'pending' and t.reason <> '${REPAIR_REASON}'
         order by t.mapped_at limit 1) o on true
       cross join lateral (select count(*) filter (where t.state = 'failed')::int as failed,
           count(*) filter (where t.state = 'held')::int as held
         from target_objects t where t.sp_connection = c.sp_connection and t.state in ('failed', 'held', 'skipped')) f
       where c.target_type = $1`,
      [this.#targetType],
    );
  }

  async object(spConnection: string, objectId: string): Promise<ObjectStatus | undefined> {
    const rows = await this.#database.query<TargetObjectRow & { desired_at: Date; applied_at: Date | null }>(
      `select ${TARGET_OBJECT_COLUMNS}, t.desired_at, t.applied_at from target_objects t
       join sp_connections c on c.sp_connection = t.sp_connection and c.target_type = $3
       where t.sp_connection = $1 and t.object_id = $2`,
      [spConnection, objectId, this.#targetType],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const holds = await this.#database.query<{ how: string; cause: string; heldAt: Date }>(
      `select how, cause, held_at as "heldAt" from holds
       where sp_connection = $1 and object_id = $2 and decision is null order by held_at desc limit 1`,
      [spConnection, objectId],
    );
    return {
      object: toTargetObject(row),
      desiredAt: row.desired_at,
      appliedAt: row.applied_at,
      hold: holds[0] ?? null,
      edges: await this.#edgesOf(spConnection, objectId),
    };
  }

  async #edgesOf(spConnection: string, objectId: string): Promise<EdgeStatus[]> {
    return this.#database.query<EdgeStatus>(
      `select e.member_id as "memberId", e.kind, e.other_id as "otherId", e.desired, e.applied, e.attempt,
         e.next_attempt_at as "nextAttemptAt", e.code, e.cause,
         (m.target_id is not null and o.target_id is not null) as "bothLinked",
         (not e.desired and m.desired ->> 'presence' <> 'active' and m.state in ('pending', 'held')) as "afterAccount"
       from (
         select * from edges where sp_connection = $1 and member_id = $2
         union
         select * from edges where sp_connection = $1 and other_id = $2) e
       left join target_objects m on m.sp_connection = e.sp_connection and m.object_id = e.member_id
       left join target_objects o on o.sp_connection = e.sp_connection and o.object_id = e.other_id
       where e.desired or e.applied
       order by e.desired = e.applied, e.kind, e.other_id, e.member_id limit ${MAX_EDGES}`,
      [spConnection, objectId],
    );
  }
}
