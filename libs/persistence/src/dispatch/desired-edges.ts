import { jsonbText } from '../admin/jsonb-text.js';
import type { Transaction } from '../database/database.js';
import { MEMBER } from './edge.js';
import type { IngestedCommand } from './fold-commands.js';
import { isoOf, type ObjectKey } from './target-object.js';

/** Replaces the desired edges of the commands' objects, as far as the commands name them. Answers whose edges changed. */
export async function desireEdges(
  tx: Transaction,
  commands: readonly IngestedCommand[],
  now: number,
): Promise<ObjectKey[]> {
  const covered = commands.flatMap(({ command: { spConnection: c, objectId: m, desired } }) => [
    ...(desired.memberOf === undefined ? [] : [{ c, m, members: true }]),
    ...(desired.references === undefined ? [] : [{ c, m, members: false }]),
  ]);
  if (covered.length === 0) return [];
  const wanted = commands.flatMap(({ command: { spConnection: c, objectId: m, desired } }) => [
    ...[...new Set(desired.memberOf ?? [])].map((o) => ({ c, m, k: MEMBER, o })),
    ...Object.entries(desired.references ?? {}).map(([k, o]) => ({ c, m, k, o })),
  ]);
  // In this order: what is added needs not be looked through for what is dropped.
  const dropped = await drop(tx, covered, wanted, now);
  const added = await add(tx, wanted, now);
  const changed = [...added, ...dropped].map(
    (row) => [`${row.c}\n${row.m}`, { spConnection: row.c, objectId: row.m }] as const,
  );
  return [...new Map(changed).values()];
}

async function add(tx: Transaction, wanted: readonly object[], now: number): Promise<{ c: string; m: string }[]> {
  if (wanted.length === 0) return [];
  return tx.query(
    `insert into edges as e (sp_connection, member_id, kind, other_id, desired, next_attempt_at)
     select c, m, k, o, true, $2 from jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, o text)
     order by 1, 2, 3, 4
     on conflict (sp_connection, member_id, kind, other_id) do update
       set desired = true, applied = e.applied and (e.desired or not e.unsure), attempt = 0, first_attempt_at = null,
         next_attempt_at = excluded.next_attempt_at, code = null, cause = null, held_at = null, hold_released = false,
         repaired = false
       where not e.desired or e.code is not null
     returning e.sp_connection as c, e.member_id as m`,
    [jsonbText(wanted), isoOf(now)],
  );
}

/** An edge that the target does not have is forgotten at once; one that it has, or may have, waits for its removal. */
async function drop(
  tx: Transaction,
  covered: readonly object[],
  wanted: readonly object[],
  now: number,
): Promise<{ c: string; m: string }[]> {
  return tx.query(
    `with covered as (select * from jsonb_to_recordset($1::jsonb) as i(c text, m text, members boolean)),
     gone as (
       select e.sp_connection, e.member_id, e.kind, e.other_id, e.applied or e.unsure as there from edges e
       join covered i on e.sp_connection = i.c and e.member_id = i.m and (e.kind = '${MEMBER}') = i.members
       where e.desired and not exists (
         select 1 from jsonb_to_recordset($2::jsonb) as w(c text, m text, k text, o text)
         where w.c = e.sp_connection and w.m = e.member_id and w.k = e.kind and w.o = e.other_id)),
     forgotten as (
       delete from edges e using gone g
       where (e.sp_connection, e.member_id, e.kind, e.other_id) = (g.sp_connection, g.member_id, g.kind, g.other_id)
         and not g.there)
     update edges e set desired = false, applied = true, attempt = 0, first_attempt_at = null, next_attempt_at = $3, code = null,
       cause = null, held_at = null, hold_released = false, repaired = false
     from gone g
     where (e.sp_connection, e.member_id, e.kind, e.other_id) = (g.sp_connection, g.member_id, g.kind, g.other_id) and g.there
     returning e.sp_connection as c, e.member_id as m`,
    [jsonbText(covered), jsonbText(wanted), isoOf(now)],
  );
}
