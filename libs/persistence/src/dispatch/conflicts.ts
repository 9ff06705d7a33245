import type { Transaction } from '../database/database.js';
import { keyOf, type ObjectKey } from './target-object.js';

/** Somebody whose account stands in the way of another object's. */
export interface Conflict extends ObjectKey {
  /** The object that the account belongs to. */
  readonly ownerId: string;
}

/** An owner that was settled so short a time ago may have made way after the account was looked at. */
const LATELY = "interval '1 minute'";

/** The keys of those whose conflict may pass by itself: the owner has still something to do, or has just made way. */
export async function passingConflicts(tx: Transaction, conflicts: readonly Conflict[]): Promise<ReadonlySet<string>> {
  if (conflicts.length === 0) return new Set();
  const rows = await tx.query<{ c: string; o: string }>(
    `select i.c, i.o from unnest($1::text[], $2::text[], $3::text[]) as i(c, o, w)
     join target_objects t on t.sp_connection = i.c and t.object_id = i.w
     where t.state in ('pending', 'held') or (t.target_id is null and t.applied_at > now() - ${LATELY})`,
    [
      conflicts.map(({ spConnection }) => spConnection),
      conflicts.map(({ objectId }) => objectId),
      conflicts.map(({ ownerId }) => ownerId),
    ],
  );
  return new Set(rows.map((row) => keyOf({ spConnection: row.c, objectId: row.o })));
}

/** Those that failed because of these owners' accounts are due again. Answers the names of their SP connections. */
export async function wakeConflicting(tx: Transaction, owners: readonly ObjectKey[]): Promise<ReadonlySet<string>> {
  if (owners.length === 0) return new Set();
  const rows = await tx.query<{ c: string }>(
    // What somebody else has locked is getting a new desired state, with which it is due anyway.
    `with w as materialized (
       select t.sp_connection, t.object_id from target_objects t
       join unnest($1::text[], $2::text[]) as i(c, o) on t.sp_connection = i.c and t.last_outcome ->> 'ownerId' = i.o
       where t.state = 'failed' for update of t skip locked)
     update target_objects t set state = 'pending', failures = 0, first_attempt_at = null, next_attempt_at = now()
     from w where t.sp_connection = w.sp_connection and t.object_id = w.object_id
     returning t.sp_connection as c`,
    [owners.map(({ spConnection }) => spConnection), owners.map(({ objectId }) => objectId)],
  );
  return new Set(rows.map(({ c }) => c));
}
