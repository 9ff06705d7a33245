import { describe, expect, test } from 'vitest';
import { ENTERPRISE } from '../scim/scim-reader.js';
import { compare, type DirectoryContent, type ServiceProviderContent } from './comparison.js';

const person = (uid: string, over = {}) => ({
  dn: `uid=${uid},ou=Sales,ou=people,dc=corp,dc=example`,
  entryUuid: `id-${uid}`,
  uid,
  givenName: 'Ada',
  familyName: 'Lovelace',
  displayName: 'Ada Lovelace',
  mail: `${uid}@corp.example`,
  title: 'Engineer',
  department: 'Sales',
  external: false,
  enabled: true,
  managerDn: undefined as string | undefined,
  ...over,
});
const account = (uid: string, over = {}) => ({
  id: `sp-${uid}`,
  externalId: `id-${uid}`,
  userName: uid,
  displayName: 'Ada Lovelace',
  active: true,
  title: 'Engineer',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: `${uid}@corp.example`, type: 'work' }],
  [ENTERPRISE]: { department: 'Sales' },
  ...over,
});

const directory: DirectoryContent = {
  people: [person('a'), person('b', { managerDn: person('a').dn.toUpperCase() }), person('x', { external: true })],
  groups: [
    { dn: 'cn=g,ou=groups', entryUuid: 'id-g', cn: 'g', memberDns: [person('a').dn, person('x').dn, 'cn=h,ou=groups'] },
  ],
};
const provider: ServiceProviderContent = {
  users: [account('a'), account('b', { [ENTERPRISE]: { department: 'Sales', manager: { value: 'sp-a' } } })],
  groups: [{ id: 'sp-g', externalId: 'id-g', displayName: 'g', members: [{ value: 'sp-a' }] }],
};

describe('comparing directory and service provider', () => {
  test('finds nothing when they are equal; external people and inner groups do not count', () => {
    expect(compare(directory, provider)).toEqual({ users: 2, groups: 1, memberships: 1, differences: [] });
  });

  test('counts groups in groups where the service provider takes them', () => {
    const inner = { dn: 'cn=h,ou=groups', entryUuid: 'id-h', cn: 'h', memberDns: [] };
    const nested = { ...directory, groups: [...directory.groups, inner] };
    const groups = [
      { ...provider.groups[0]!, members: [{ value: 'sp-a' }, { value: 'sp-h' }] },
      { id: 'sp-h', externalId: 'id-h', displayName: 'h', members: [] },
    ];
    const expected = { users: 2, groups: 2, memberships: 2, differences: [] };
    expect(compare(nested, { ...provider, groups }, true)).toEqual(expected);
    expect(compare(nested, { ...provider, groups }).differences).toHaveLength(1);
  });

  test.each<[string, Partial<ServiceProviderContent>, string]>([
    ['a missing account', { users: provider.users.slice(0, 1) }, 'account b is missing'],
    [
      'a second account',
      { users: [...provider.users, account('b', { id: 'sp-b2' })] },
      'account b is there more than once',
    ],
    ['an account too many', { users: [...provider.users, account('c')] }, 'account c should not be there'],
    [
      'a disabled account',
      { users: [account('a', { active: false }), provider.users[1] ?? account('b')] },
      'account a: active is "false", should be "true"',
    ],
    ['a lost manager', { users: [account('a'), account('b')] }, 'account b: manager is "", should be "a"'],
    [
      'a missing member',
      { groups: [{ id: 'sp-g', externalId: 'id-g', displayName: 'g' }] },
      'group g: 1 members missing (a), 0 too many ()',
    ],
    ['a missing group', { groups: [] }, 'group g is missing'],
  ])('names %s', (_, change, sentence) => {
    expect(compare(directory, { ...provider, ...change }).differences).toEqual([sentence]);
  });
});
