import { describe, expect, test } from 'vitest';
import { toLdif } from './ldif.js';
import { generateOrganisation, type Organisation } from './organisation.js';

const organisation = (users = 1000, seed = 'demo'): Organisation => generateOrganisation({ users, seed });

describe('the generated organisation', () => {
  test('has the asked number of people and 40 groups', () => {
    const { people, groups } = organisation();
    expect(people).toHaveLength(1000);
    expect(groups).toHaveLength(40);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(organisation(200)).toEqual(organisation(200));
    expect(toLdif(organisation(200))).not.toBe(toLdif(organisation(200, 'other')));
  });

  test('keeps the identities of a smaller one', () => {
    const ids = (users: number) => organisation(users).people.map(({ uid, entryUuid }) => [uid, entryUuid]);
    expect(ids(300).slice(0, 100)).toEqual(ids(100));
  });

  test.each([1, 2, 10, 200])('every reference names an entry, with %i people', (users) => {
    const { people, groups } = organisation(users);
    const dns = new Set([...people, ...groups].map(({ dn }) => dn));
    const named = [
      ...people.flatMap(({ managerDn }) => managerDn ?? []),
      ...groups.flatMap(({ memberDns }) => memberDns),
    ];
    expect(named.filter((dn) => !dns.has(dn))).toEqual([]);
    expect(groups.filter(({ memberDns }) => memberDns.length === 0)).toEqual([]);
    expect(new Set([...people, ...groups].map(({ entryUuid }) => entryUuid)).size).toBe(people.length + groups.length);
  });

  test('has nested groups without a cycle', () => {
    const { groups } = organisation();
    const byDn = new Map(groups.map((group) => [group.dn, group]));
    const depth = (dn: string, path: readonly string[] = []): number => {
      expect(path).not.toContain(dn);
      const inner = byDn.get(dn)?.memberDns.filter((member) => byDn.has(member)) ?? [];
      return inner.length === 0 ? 0 : 1 + Math.max(...inner.map((member) => depth(member, [...path, dn])));
    };
    const depths = groups.map(({ dn }) => depth(dn));
    expect(depths.filter((value) => value > 0).length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...depths)).toBeGreaterThanOrEqual(2);
  });

  test('has managers, disabled and external people, and names in several scripts', () => {
    const { people } = organisation();
    expect(people.filter(({ managerDn }) => managerDn === undefined)).toHaveLength(1);
    expect(people.some(({ enabled }) => !enabled)).toBe(true);
    expect(people.some(({ employeeType }) => employeeType === 'external')).toBe(true);
    const names = people.map(({ familyName }) => familyName).join('');
    for (const script of [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Han}/u, /\p{Script=Arabic}/u])
      expect(names).toMatch(script);
  });
});

describe('LDIF', () => {
  test('writes what is not plain ASCII as Base64 and leaves the rest readable', () => {
    const ldif = toLdif(organisation(300));
    expect(ldif).toMatch(/^dn: uid=u1001,ou=/m);
    expect(ldif).toMatch(/^sn:: [A-Za-z0-9+/]+=*$/m);
    expect([...ldif].every((character) => character === '\n' || (character >= ' ' && character <= '~'))).toBe(true);
  });
});
