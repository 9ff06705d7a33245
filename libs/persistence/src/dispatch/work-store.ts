import type { Lane } from '@provisor/contracts';
import { UNKNOWN_VALUE } from '@provisor/provisioning';
import type { Database } from '../database/database.js';
import { NEVER } from './edge.js';
import {
  isoOf,
  laneIndex,
  TARGET_OBJECT_COLUMNS,
  toTargetObject,
  type ObjectKey,
  type TargetObject,
  type TargetObjectRow,
} from './target-object.js';

/** Where a page of due objects ended. */
export interface PageEnd {
  readonly nextAttemptAt: Date;
  readonly objectId: string;
}
export interface DuePage {
  readonly objects: readonly TargetObject[];
  /** Absent at the end. */
  readonly end?: PageEnd;
}

/** Finds the work of an SP connection that is not in memory: after a start, beyond the memory's bound, and when retries are due. */
export class WorkStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Objects of one lane that are due, oldest first. */
  async due(spConnection: string, lane: Lane, now: number, page: { size: number; after?: PageEnd }): Promise<DuePage> {
    const rows = await this.#database.query<TargetObjectRow>(
      `select ${TARGET_OBJECT_COLUMNS} from target_objects t
       where t.state = 'pending' and t.sp_connection = $1 and t.lane = $2 and t.next_attempt_at <= $3
         and ($4::timestamptz is null or (t.next_attempt_at, t.object_id) > ($4::timestamptz, $5::text))
       order by t.next_attempt_at, t.object_id limit $6`,
      [
        spConnection,
        laneIndex(lane),
        isoOf(now),
        page.after?.nextAttemptAt ?? null,
        page.after?.objectId ?? '',
        page.size,
      ],
    );
    const last = rows.at(-1);
    return {
      objects: rows.map(toTargetObject),
      ...(rows.length < page.size || last === undefined
        ? {}
        : { end: { nextAttemptAt: last.next_attempt_at, objectId: last.object_id } }),
    };
  }

  async load(keys: readonly ObjectKey[]): Promise<TargetObject[]> {
    if (keys.length === 0) return [];
    const rows = await this.#database.query<TargetObjectRow>(
      `select ${TARGET_OBJECT_COLUMNS} from target_objects t
       join unnest($1::text[], $2::text[]) as i(c, o) on t.sp_connection = i.c and t.object_id = i.o`,
      [keys.map((key) => key.spConnection), keys.map((key) => key.objectId)],
    );
    return rows.map(toTargetObject);
  }

  /** When the next object of an SP connection becomes due that is not due yet; undefined if none will by itself. */
  async nextDue(spConnection: string, now: number): Promise<number | undefined> {
    const rows = await this.#database.query<{ at: Date | null }>(
      `select min(at) as at from (
         select (select next_attempt_at from target_objects
                 where state = 'pending' and sp_connection = $1 and lane = l.lane and next_attempt_at > $2
                 order by next_attempt_at limit 1) as at
         from generate_series(0, 3) as l(lane)) as firsts`,
      [spConnection, isoOf(now)],
    );
    return rows[0]?.at?.getTime();
  }

  /** Objects that wait only because the service provider as a whole was in trouble become due, and edges that failed before. */
  async wakeSystemic(spConnection: string, now: number): Promise<void> {
    await this.#database.query(
      `update edges set next_attempt_at = $2
       where sp_connection = $1 and desired <> applied and attempt > 0 and next_attempt_at > $2 and next_attempt_at < $3`,
      [spConnection, isoOf(now), isoOf(NEVER)],
    );
    await this.#database.query(
      `update target_objects set next_attempt_at = $2
       where state = 'pending' and sp_connection = $1 and next_attempt_at > $2 and last_outcome ->> 'systemic' = 'true'`,
      [spConnection, isoOf(now)],
    );
  }

  /** Failed objects are tried again, because the configuration of their SP connection has changed. */
  async wakeFailed(spConnection: string, now: number): Promise<number> {
    const rows = await this.#database.query<{ n: number }>(
      `with woken as (
         update target_objects set state = 'pending', failures = 0, first_attempt_at = null, next_attempt_at = $2
         where sp_connection = $1 and state = 'failed' returning 1)
       select count(*)::int as n from woken`,
      [spConnection, isoOf(now)],
    );
    return rows[0]?.n ?? 0;
  }

  /**
   * To be called when an SP connection has a new owner. What the owner before had under way may have reached the target, and its
   * answer is lost: of every linked object that waits, what was written counts as unknown and is written again.
   */
  async doubt(spConnection: string): Promise<void> {
    await this.#database.query(
      `update target_objects t set applied = jsonb_build_object('presence', 'absent', 'attributes', coalesce(
         (select jsonb_object_agg(path, $2::jsonb) from (
            select jsonb_object_keys(t.applied -> 'attributes') union select jsonb_object_keys(t.desired -> 'attributes')) as i(path)),
         '{}'))
       where t.sp_connection = $1 and t.state = 'pending' and t.target_id is not null and t.applied is not null`,
      [spConnection, JSON.stringify(UNKNOWN_VALUE)],
    );
  }

  /** Linked accounts and groups of an SP connection. */
  async population(spConnection: string): Promise<number> {
    const rows = await this.#database.query<{ n: number }>(
      'select count(*)::int as n from target_objects where sp_connection = $1 and target_id is not null',
      [spConnection],
    );
    return rows[0]?.n ?? 0;
  }

  /** Removals that were sent since an instant: object id to when. */
  async removals(spConnection: string, since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query<{ object_id: string; removed_at: Date }>(
      'select object_id, removed_at from target_objects where sp_connection = $1 and removed_at > $2',
      [spConnection, isoOf(since)],
    );
    return new Map(rows.map((row) => [row.object_id, row.removed_at.getTime()]));
  }
}
