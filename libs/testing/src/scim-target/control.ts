import type { Fault } from './faults.js';
import type { Tenant, TenantSettings } from './tenant.js';

/**
 * What a target in a process of its own is asked and told over HTTP, below `/_control/<tenant>`:
 * `GET summary` and `GET ledger`, `POST faults` (a list), `POST settings` (the ones to change), `POST clear` (ledger and faults).
 */
export function control(tenant: Tenant, action: string, body: string): unknown {
  switch (action) {
    case 'summary':
      return summary(tenant);
    case 'ledger':
      return tenant.ledger.entries;
    case 'faults':
      tenant.faults.add(...(JSON.parse(body) as Fault[]));
      return { pending: tenant.faults.pending };
    case 'settings':
      tenant.configure(JSON.parse(body) as Partial<TenantSettings>);
      return tenant.settings;
    case 'clear':
      tenant.ledger.clear();
      tenant.faults.clear();
      return {};
    default:
      return undefined;
  }
}

function summary(tenant: Tenant): unknown {
  const creates = [...tenant.ledger.createsPerKey()];
  return {
    users: tenant.users.size,
    groups: tenant.groups.size,
    memberships: [...tenant.groups.all()].reduce((sum, { id }) => sum + tenant.members.count(id), 0),
    requests: tenant.ledger.entries.length,
    created: tenant.ledger.effects('created').length,
    updated: tenant.ledger.effects('updated').length,
    deleted: tenant.ledger.effects('deleted').length,
    createdTwice: creates.filter(([, count]) => count > 1).map(([key]) => key),
  };
}
