import { describe, expect, test } from 'vitest';
import { buildResource } from './build-resource.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const build = (attributes: Parameters<typeof buildResource>[0]['attributes'], more = {}) =>
  buildResource({ objectType: 'user', attributes, unsupported: [], ...more });

describe('the body of a create', () => {
  test('nests sub-attributes, elements and extensions, and names exactly the schemas that it uses', () => {
    const body = build(
      {
        userName: 'ann',
        'name.givenName': 'Ann',
        'name.familyName': 'Example',
        'emails[type eq "work"].value': 'a@x.example',
        'addresses[type eq "work"].locality': 'Bern',
        'addresses[type eq "work"].country': 'CH',
        [`${ENTERPRISE}:department`]: 'R&D',
        roles: [{ value: 'admin' }],
      },
      { externalId: 'o1', active: false, references: { [`${ENTERPRISE}:manager`]: 'm1' } },
    );
    expect(body).toEqual({
      schemas: [USER, ENTERPRISE],
      externalId: 'o1',
      active: false,
      userName: 'ann',
      name: { givenName: 'Ann', familyName: 'Example' },
      emails: [{ type: 'work', value: 'a@x.example', primary: true }],
      addresses: [{ type: 'work', locality: 'Bern', country: 'CH', primary: true }],
      roles: [{ value: 'admin' }],
      [ENTERPRISE]: { department: 'R&D', manager: { value: 'm1' } },
    });
  });

  test('names no extension without a value', () => {
    expect(build({ userName: 'ann' }, { references: { [`${ENTERPRISE}:manager`]: null } }).schemas).toEqual([USER]);
  });

  test('calls no one of several values primary unless the mapping does', () => {
    const several = { 'emails[type eq "work"].value': 'a', 'emails[type eq "home"].value': 'b' };
    expect(build(several).emails).toEqual([
      { type: 'work', value: 'a' },
      { type: 'home', value: 'b' },
    ]);
    expect(build({ ...several, 'emails[type eq "home"].primary': true }).emails).toEqual([
      { type: 'work', value: 'a' },
      { type: 'home', value: 'b', primary: true },
    ]);
  });

  test('leaves out what the target does not take', () => {
    const unsupported = ['externalId', 'password', 'name', 'emails[type eq "home"].value'];
    const body = build(
      {
        userName: 'ann',
        password: 'x',
        'name.givenName': 'Ann',
        'emails[type eq "home"].value': 'h',
        'emails[type eq "work"].value': 'w',
      },
      { externalId: 'o1', unsupported },
    );
    expect(body).toEqual({ schemas: [USER], userName: 'ann', emails: [{ type: 'work', value: 'w', primary: true }] });
  });

  test('a group has no active flag', () => {
    const body = buildResource({
      objectType: 'group',
      active: true,
      attributes: { displayName: 'staff' },
      unsupported: [],
    });
    expect(body).toEqual({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'staff' });
  });

  test("does not touch the caller's values", () => {
    const attributes = { emails: [{ type: 'home', value: 'h' }], 'emails[type eq "work"].value': 'w' };
    build(attributes);
    expect(attributes.emails).toHaveLength(1);
  });
});
