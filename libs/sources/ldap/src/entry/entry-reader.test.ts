import { dataStore, type LdapDataStoreSpec } from '@provisor/contracts';
import { describe, expect, it } from 'vitest';
import { isEnabled } from './account-state.js';
import { EntryReader } from './entry-reader.js';
import { objectIdFilter, objectIdOf } from './object-id.js';
import { parentDn } from './parent-dn.js';

function spec(given: Record<string, unknown> = {}): LdapDataStoreSpec {
  const document = { apiVersion: 'provisor/v1', kind: 'DataStore', metadata: { name: 'x' } };
  return dataStore.parse({ ...document, spec: { type: 'ldap', url: 'ldap://localhost', baseDn: 'dc=x', ...given } })
    .spec;
}

describe('EntryReader', () => {
  it('reads text, bytes, options and references, and leaves out what is excluded', () => {
    const reader = new EntryReader(spec());
    const item = reader.read('user', {
      dn: 'uid=a,dc=x',
      entryUUID: 'id-1',
      modifyTimestamp: '20260102030405.678Z',
      cn: ['A', 'B'],
      'cn;lang-de': 'Ä',
      jpegPhoto: Buffer.from([0xff, 0xd8]),
      odd: 'a\0b',
      userpassword: 'secret',
      'userPassword;x-old': 'secret',
      manager: 'uid=m,dc=x',
      mail: [],
      '*': [],
    });
    expect(item).toEqual({
      kind: 'object',
      object: {
        objectId: 'id-1',
        objectType: 'user',
        dn: 'uid=a,dc=x',
        enabled: true,
        references: { manager: 'uid=m,dc=x' },
        modifiedAt: { at: new Date('2026-01-02T03:04:05.678Z'), subSecond: true },
        attributes: {
          entryUUID: ['id-1'],
          cn: ['A', 'B'],
          'cn;lang-de': ['Ä'],
          jpegPhoto: [{ base64: '/9g=' }],
          odd: [{ base64: 'YQBi' }],
          manager: ['uid=m,dc=x'],
        },
      },
    });
  });

  it('takes the members of a group out of its attributes', () => {
    const item = new EntryReader(spec()).read('group', {
      dn: 'cn=g,dc=x',
      entryUUID: 'g',
      cn: 'g',
      Member: 'uid=a,dc=x',
      uniqueMember: ['uid=b,dc=x'],
    });
    expect(item).toMatchObject({
      object: { members: ['uid=a,dc=x', 'uid=b,dc=x'], attributes: { cn: ['g'], entryUUID: ['g'] } },
    });
    expect(item.kind === 'object' && Object.keys(item.object.attributes)).toEqual(['entryUUID', 'cn']);
  });

  it('says why an entry cannot be an object', () => {
    const reader = new EntryReader(spec());
    expect(reader.read('user', { dn: 'uid=a,dc=x', entryUUID: [] })).toMatchObject({
      kind: 'unreadable',
      code: 'source.no-id',
    });
    expect(reader.read('user', { dn: `uid=${'a'.repeat(3000)},dc=x`, entryUUID: 'a' })).toMatchObject({
      code: 'source.dn-too-long',
    });
  });
});

describe('isEnabled', () => {
  const flag = {
    rule: 'flag',
    attribute: 'nsAccountLock',
    value: 'true',
    enabledWhenEqual: false,
    default: true,
  } as const;
  const bitmask = { rule: 'bitmask', attribute: 'userAccountControl', mask: 2, default: false } as const;

  it('follows the flag and the bit', () => {
    expect(isEnabled(undefined, {})).toBe(true);
    expect(isEnabled(flag, {})).toBe(true);
    expect(isEnabled(flag, { nsaccountlock: ['TRUE'] })).toBe(false);
    expect(isEnabled(flag, { nsAccountLock: ['false'] })).toBe(true);
    expect(isEnabled(bitmask, { userAccountControl: ['512'] })).toBe(true);
    expect(isEnabled(bitmask, { userAccountControl: ['514'] })).toBe(false);
    expect(isEnabled(bitmask, { userAccountControl: ['-2147483646'] })).toBe(false);
    expect(isEnabled(bitmask, { userAccountControl: ['what'] })).toBe(false);
    expect(isEnabled(bitmask, {})).toBe(false);
  });
});

describe('object ids', () => {
  it('show objectGUID as Active Directory does, and find it again', () => {
    const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
    expect(objectIdOf('objectGUID', bytes)).toBe('00112233-4455-6677-8899-aabbccddeeff');
    expect(objectIdFilter('objectGUID', '00112233-4455-6677-8899-aabbccddeeff').value).toEqual(bytes);
    expect(objectIdFilter('entryUUID', 'abc').value).toBe('abc');
  });
});

describe('parentDn', () => {
  it('cuts at the first separator that is one', () => {
    expect(parentDn('uid=a, ou=b,dc=x')).toBe('ou=b,dc=x');
    expect(parentDn('cn=Doe\\, J,dc=x')).toBe('dc=x');
    expect(parentDn('cn="a,b",dc=x')).toBe('dc=x');
    expect(parentDn('dc=x')).toBe('');
  });
});
