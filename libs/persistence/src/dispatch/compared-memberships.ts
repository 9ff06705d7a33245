import type { KnownMembership } from '@provisor/provisioning';
import { jsonbText } from '../admin/jsonb-text.js';
import type { Database, Transaction } from '../database/database.js';
import { MEMBER } from './edge.js';
import { settledBefore } from './edge-sql.js';
import { isoOf } from './target-object.js';

/** What a comparison of the members of one group leads to, by the ids of the members' objects. */
export interface MembershipFinding {
  readonly groupId: string;
  /** As linked when its members were read. */
  readonly groupTargetId: string;
  /** What is known counts as it was then; memberships that were touched since are left as they are. */
  readonly settledAt: number;
  /** Written, and not there: they are made again. */
  readonly again: readonly string[];
  /** Desired, and there although not written. */
  readonly found: readonly string[];
  /** There, and to be removed although never made here. */
  readonly remove: readonly string[];
}

/** The memberships of a group whose members have accounts, in the order of their members' ids. `settledAt`: what was touched since is not settled. */
export async function knownMemberships(
  database: Pick<Database, 'query'>,
  group: { readonly spConnection: string; readonly objectId: string },
  page: { readonly after: string; readonly size: number; readonly settledAt: number },
): Promise<KnownMembership[]> {
  return database.query<KnownMembership>(
    `select e.member_id as "memberId", m.target_id as "targetId", e.desired, e.applied, e.repaired,
       ${settledBefore('$5')} as settled
     from edges e
     join target_objects m on m.sp_connection = e.sp_connection and m.object_id = e.member_id and m.target_id is not null
     where e.sp_connection = $1 and e.other_id = $2 and e.kind = '${MEMBER}' and e.member_id > $3
     order by e.member_id limit $4`,
    [group.spConnection, group.objectId, page.after, page.size, isoOf(page.settledAt)],
  );
}

/** Of the members of a group that nothing here made members: those that have accounts of ours, by target id. */
export async function ownAccounts(
  database: Pick<Database, 'query'>,
  spConnection: string,
  targetIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await database.query<{ target_id: string; object_id: string }>(
    `select target_id, object_id from target_objects
     where sp_connection = $1 and object_type in ('user', 'group') and target_id = any($2::text[])`,
    [spConnection, targetIds],
  );
  return new Map(rows.map((row) => [row.target_id, row.object_id]));
}

/** Only memberships that are as they were when they were read are changed; what is changed is sent the ordinary way. */
export async function correctMemberships(
  tx: Transaction,
  spConnection: string,
  findings: readonly MembershipFinding[],
  now: number,
): Promise<void> {
  const rows = (which: 'again' | 'found' | 'remove') =>
    findings.flatMap(({ groupId, groupTargetId, settledAt, [which]: members }) =>
      members.map((member) => ({ g: groupId, gt: groupTargetId, at: isoOf(settledAt), m: member })),
    );
  const [again, found, remove] = [rows('again'), rows('found'), rows('remove')];
  if (again.length > 0)
    await tx.query(
      `update edges e set applied = false, repaired = true, attempt = 0, first_attempt_at = null, next_attempt_at = $3, code = null,
         cause = null
       from ${LINKED_STILL}
       where ${SAME_EDGE} and e.desired and e.applied and ${settledBefore('i.at')}`,
      [spConnection, jsonbText(again), isoOf(now)],
    );
  if (found.length > 0)
    await tx.query(
      `update edges e set applied = true, attempt = 0, first_attempt_at = null, next_attempt_at = $3, code = null, cause = null
       from ${LINKED_STILL}
       where ${SAME_EDGE} and e.desired and not e.applied and ${settledBefore('i.at')}`,
      [spConnection, jsonbText(found), isoOf(now)],
    );
  if (remove.length > 0)
    await tx.query(
      `insert into edges (sp_connection, member_id, kind, other_id, desired, applied, next_attempt_at)
       select $1, i.m, '${MEMBER}', i.g, false, true, $3 from ${LINKED_STILL}
       order by i.m, i.g
       on conflict do nothing`,
      [spConnection, jsonbText(remove), isoOf(now)],
    );
}

const LINKED_STILL = `jsonb_to_recordset($2::jsonb) as i(g text, gt text, at timestamptz, m text)
       join target_objects o on o.sp_connection = $1 and o.object_id = i.g and o.target_id = i.gt`;
const SAME_EDGE = `(e.sp_connection, e.member_id, e.kind, e.other_id) = ($1, i.m, '${MEMBER}', i.g)`;
