import type { IdentityChange } from '@provisor/contracts';

export function channel(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'staff',
    dataStore: 'corp',
    users: { base: 'ou=people,dc=corp' },
    attributes: { userName: 'uid', 'name.familyName': 'sn' },
    ...overrides,
  };
}

export function user(id: string, sequence: number, overrides: Partial<IdentityChange> = {}): IdentityChange {
  return {
    dataStore: 'corp',
    objectId: id,
    objectType: 'user',
    sequence,
    state: 'present',
    enabled: true,
    dn: `uid=${id},ou=people,dc=corp`,
    attributes: { uid: [id], sn: ['Doe'] },
    memberOf: [],
    occurredAt: '2026-01-01T00:00:00Z',
    capturedAt: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

export function group(id: string, sequence: number, cn: string): IdentityChange {
  return { ...user(id, sequence), objectType: 'group', dn: `cn=${cn},ou=groups,dc=corp`, attributes: { cn: [cn] } };
}
