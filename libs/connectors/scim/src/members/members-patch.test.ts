import { expect, test } from 'vitest';
import { SCIM_2_0 } from '../profile/defaults.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { membersOperations, type MemberChange } from './members-patch.js';

const change = (kind: MemberChange['kind'], targetId: string, type: 'user' | 'group' = 'user'): MemberChange => ({
  kind,
  member: { objectId: targetId, targetId, type },
});
const groups = (more: Partial<VendorProfile['groups']>): VendorProfile => ({
  ...SCIM_2_0,
  groups: { ...SCIM_2_0.groups, ...more },
});
const changes = [change('add', 'a'), change('remove', 'r1'), change('add', 'b', 'group'), change('remove', 'r"2')];

test('one add with many values, and one removal for each member', () => {
  expect(membersOperations(changes, SCIM_2_0)).toEqual([
    { op: 'remove', path: 'members[value eq "r1"]' },
    { op: 'remove', path: 'members[value eq "r\\"2"]' },
    { op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'b' }] },
  ]);
});

test('arrayValue: removals as one list', () => {
  expect(membersOperations(changes.slice(1, 2), groups({ memberRemoveStyle: 'arrayValue' }))).toEqual([
    { op: 'remove', path: 'members', value: [{ value: 'r1' }] },
  ]);
});

test('memberFields: as much of a member as the target wants', () => {
  expect(
    membersOperations([change('add', 'a/b', 'group')], groups({ memberFields: ['value', 'type', '$ref'] })),
  ).toEqual([{ op: 'add', path: 'members', value: [{ value: 'a/b', type: 'Group', $ref: 'Groups/a%2Fb' }] }]);
});

test('never an operation that would replace or remove all members', () => {
  for (const memberRemoveStyle of ['valuePath', 'arrayValue'] as const) {
    for (const operation of membersOperations(changes, groups({ memberRemoveStyle }))) {
      expect(operation.op).not.toBe('replace');
      if (operation.op === 'remove')
        expect(operation.path !== 'members' || (operation.value as unknown[]).length > 0).toBe(true);
    }
  }
});
