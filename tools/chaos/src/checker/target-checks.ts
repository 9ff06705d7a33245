import { createHash } from 'node:crypto';
import { compare, type DirectoryContent, type ServiceProviderContent } from '@provisor/demo';
import type { LedgerEntry, Tenant } from '@provisor/testing';
import type { Violation } from './violation.js';

/** Accounts that are nobody's business here, with what they were at the start. */
export type Foreign = ReadonlyMap<string, string>;

/** Puts accounts into a service provider that no source knows of. */
export function plantForeign(tenant: Tenant, count: number): Foreign {
  const planted = Array.from({ length: count }, (_, index) =>
    tenant.users.insert({
      userName: `local-${index}`,
      displayName: `Local account ${index}`,
      active: true,
      emails: [{ value: `local-${index}@elsewhere.example`, type: 'work' }],
    }),
  );
  return new Map(planted.map((stored) => [stored.id, hashOf(stored)]));
}

/** I2. */
export function checkForeign(spConnection: string, tenant: Tenant, foreign: Foreign): Violation[] {
  return [...foreign].flatMap(([id, hash]): Violation[] => {
    const stored = tenant.users.get(id);
    if (stored !== undefined && hashOf(stored) === hash) return [];
    const what =
      stored === undefined ? `Account ${id} is gone.` : `Account ${id} was changed: ${JSON.stringify(stored)}.`;
    return [{ invariant: 'I2', spConnection, what }];
  });
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** I1: what differs, in words. */
export function differences(content: DirectoryContent, tenant: Tenant, foreign: Foreign): readonly string[] {
  const shown = {
    users: [...tenant.users.all()]
      .filter(({ id }) => !foreign.has(id))
      .map((stored) => tenant.show(tenant.users, stored)),
    groups: [...tenant.groups.all()].map((stored) => tenant.show(tenant.groups, stored)),
  };
  return compare(content, shown as unknown as ServiceProviderContent, true).differences;
}

const WINDOW_MS = 10_000;

/** I11: most requests within any ten seconds, with a burst at each end of the window. */
export function checkRate(
  spConnection: string,
  entries: readonly LedgerEntry[],
  limit: { readonly perSecond: number; readonly burst: number },
): Violation[] {
  const most = (limit.perSecond * WINDOW_MS) / 1000 + 2 * limit.burst;
  let from = 0;
  let peak = 0;
  for (const [at, { time }] of entries.entries()) {
    while (time - (entries[from]?.time ?? time) >= WINDOW_MS) from += 1;
    peak = Math.max(peak, at - from + 1);
  }
  if (peak <= most) return [];
  return [{ invariant: 'I11', spConnection, what: `${peak} requests within 10 s, where ${most} are allowed.` }];
}
