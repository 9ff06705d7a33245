import type { Tenant } from '@provisor/testing';
import type { DatabaseView } from '../world/database-view.js';
import type { Violation } from './violation.js';

/** I1 and I4 in the dispatcher's own tables: nothing open, and every link leads to the account of its object. */
export async function checkState(view: DatabaseView, tenants: ReadonlyMap<string, Tenant>): Promise<Violation[]> {
  const rows = await view.targetObjects();
  return rows.flatMap((row): Violation[] => {
    const at = { spConnection: row.spConnection, objectId: row.objectId };
    if (row.state === 'pending' || row.state === 'failed' || row.state === 'held')
      return [{ invariant: 'I1', ...at, what: `It is ${row.state}: ${JSON.stringify(row.lastOutcome)}.` }];
    if (row.targetId === null) return [];
    const tenant = tenants.get(row.spConnection);
    if (tenant === undefined) return [];
    const stored = (row.objectType === 'user' ? tenant.users : tenant.groups).get(row.targetId);
    if (stored === undefined)
      return [{ invariant: 'I1', ...at, what: `It is linked to ${row.targetId}, which is not at the target.` }];
    const externalId = stored.resource['externalId'];
    if (externalId === row.objectId) return [];
    return [{ invariant: 'I4', ...at, what: `It is linked to ${row.targetId} of ${String(externalId)}.` }];
  });
}
