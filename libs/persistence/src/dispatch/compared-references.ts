import type { KnownReference } from '@provisor/provisioning';
import { jsonbText } from '../admin/jsonb-text.js';
import type { Database, Transaction } from '../database/database.js';
import { settledBefore } from './edge-sql.js';
import { isoOf } from './target-object.js';

/** A reference that an account does not have as it was written, and that is to be sent again. */
export interface ReferenceFinding {
  readonly memberId: string;
  /** As linked when its account was read. */
  readonly memberTargetId: string;
  /** Target path. */
  readonly kind: string;
  readonly otherId: string;
  /** The account has another value there: a wish to have none has to be sent as well. */
  readonly occupied: boolean;
  /** What is known counts as it was then; a reference that was touched since is left as it is. */
  readonly settledAt: number;
}

/** The references of these objects at some paths, those that were cleared as well, by object id. */
export async function knownReferences(
  database: Pick<Database, 'query'>,
  spConnection: string,
  of: { readonly objectIds: readonly string[]; readonly paths: readonly string[]; readonly settledAt: number },
): Promise<Map<string, KnownReference[]>> {
  if (of.objectIds.length === 0 || of.paths.length === 0) return new Map();
  const rows = await database.query<KnownReference & { memberId: string }>(
    `select e.member_id as "memberId", e.kind as path, e.other_id as "otherId", o.target_id as "targetId", e.desired, e.applied,
       e.repaired, ${settledBefore('$4')} and (o.target_id is not null or not e.desired) as settled
     from edges e
     left join target_objects o on o.sp_connection = e.sp_connection and o.object_id = e.other_id
     where e.sp_connection = $1 and e.member_id = any($2::text[]) and e.kind = any($3::text[])`,
    [spConnection, of.objectIds, of.paths, isoOf(of.settledAt)],
  );
  return Map.groupBy(rows, ({ memberId }) => memberId);
}

/** What was set counts as not there, and what was cleared as there, so that it is sent the ordinary way. */
export async function correctReferences(
  tx: Transaction,
  spConnection: string,
  findings: readonly ReferenceFinding[],
  now: number,
): Promise<void> {
  if (findings.length === 0) return;
  await tx.query(
    `update edges e set applied = not e.desired, unsure = e.desired and i.oc, repaired = true, attempt = 0, first_attempt_at = null, next_attempt_at = $3,
       code = null, cause = null
     from jsonb_to_recordset($2::jsonb) as i(m text, mt text, k text, o text, oc boolean, at timestamptz)
     join target_objects t on t.sp_connection = $1 and t.object_id = i.m and t.target_id = i.mt
     where (e.sp_connection, e.member_id, e.kind, e.other_id) = ($1, i.m, i.k, i.o) and e.desired = e.applied
       and ${settledBefore('i.at')}`,
    [
      spConnection,
      jsonbText(
        findings.map(({ memberId: m, memberTargetId: mt, kind: k, otherId: o, occupied: oc, settledAt }) => ({
          ...{ m, mt, k, o, oc, at: isoOf(settledAt) },
        })),
      ),
      isoOf(now),
    ],
  );
}
