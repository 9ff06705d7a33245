import { jsonbText } from '../admin/jsonb-text.js';
import type { Transaction } from '../database/database.js';
import type { EdgeAt, ShownReferences } from './edge.js';

/** The references among those that accounts were seen to have which are desired and were not known to be there: they need not be sent. */
export async function seenReferences(tx: Transaction, accounts: readonly ShownReferences[]): Promise<EdgeAt[]> {
  const seen = accounts.flatMap(({ spConnection: c, objectId: m, shown }) =>
    Object.entries(shown).map(([k, t]) => ({ c, m, k, t })),
  );
  if (seen.length === 0) return [];
  const found = await tx.query<{ c: string; m: string; k: string; o: string; t: string }>(
    `select i.c, i.m, i.k, e.other_id as o, i.t from jsonb_to_recordset($1::jsonb) as i(c text, m text, k text, t text)
     join edges e on e.sp_connection = i.c and e.member_id = i.m and e.kind = i.k and e.desired and not e.applied
     join target_objects o on o.sp_connection = i.c and o.object_id = e.other_id and o.target_id = i.t`,
    [jsonbText(seen)],
  );
  return found.map(({ c, m, k, o, t }) => ({
    ...{ spConnection: c, memberId: m, kind: k, otherId: o, desired: true },
    ends: { other: t },
  }));
}
