import { describe, expect, test } from 'vitest';
import { exampleConnection, staffChannel } from '../example/example.js';
import { ConfigurationProblem } from '../problem/configuration-problem.js';
import { scopeGroupsOf } from './compile-connection.js';

const faultsOf = (...channels: Record<string, unknown>[]) => {
  try {
    exampleConnection({ channels: channels.map((channel) => staffChannel(channel)) });
  } catch (error) {
    if (error instanceof ConfigurationProblem) return error.faults;
    throw error;
  }
  return [];
};

describe('a document that cannot be used is refused with path and expectation', () => {
  test.each([
    ['a filter', { users: { filter: '(uid=x' } }, 'spec.channels[0].users.filter', /position 6; expected "\)"/],
    ['a base', { users: { base: 'people' } }, 'spec.channels[0].users.base', /Expected "="/],
    [
      'an exclusion',
      { users: { exclude: { filter: 'x' } } },
      'spec.channels[0].users.exclude.filter',
      /Unexpected end/,
    ],
    [
      'a missing user name',
      { attributes: { title: 'title' } },
      'spec.channels[0].attributes.userName',
      /userName is not mapped/,
    ],
    [
      'a missing group name',
      { groupAttributes: { externalId: 'cn' } },
      'spec.channels[0].groupAttributes.displayName',
      /displayName is not mapped/,
    ],
    [
      'a target path',
      { attributes: { userName: 'uid', 'a b': 'x' } },
      'spec.channels[0].attributes["a b"]',
      /is not a target path/,
    ],
    [
      'an expression',
      { attributes: { userName: { expression: 'attr.uid[0] +' } } },
      'spec.channels[0].attributes.userName.expression',
      /Unexpected token/,
    ],
    [
      'a default of the wrong type',
      { attributes: { userName: 'uid', level: { source: 'x', type: 'integer', default: 'low' } } },
      'spec.channels[0].attributes.level.default',
      /not of type integer/,
    ],
    [
      'a field that follows from something else',
      { attributes: { userName: 'uid', active: { constant: true } } },
      'spec.channels[0].attributes.active',
      /follows from the account status/,
    ],
    [
      'a masked list',
      { attributes: { userName: 'uid', roles: { source: 'x', multiple: true, masked: true } } },
      'spec.channels[0].attributes.roles',
      /masked field/,
    ],
    [
      'the same field twice',
      { attributes: { userName: 'uid', USERNAME: 'cn' } },
      'spec.channels[0].attributes.USERNAME',
      /same field/,
    ],
    [
      'a field and its part',
      { attributes: { userName: 'uid', emails: 'mail', 'emails[type eq "work"].value': 'mail' } },
      'spec.channels[0].attributes["emails[type eq \\"work\\"].value"]',
      /as a whole/,
    ],
    [
      'a channel that takes nothing',
      { users: undefined, groups: undefined },
      'spec.channels[0].users',
      /neither users nor groups/,
    ],
  ])('%s', (_what, channel, path, message) => {
    const faults = faultsOf(channel);
    expect(faults.map((fault) => fault.path)).toContain(path);
    expect(faults.find((fault) => fault.path === path)?.message).toMatch(message);
  });

  test('two channels of the same name', () => {
    expect(faultsOf({}, {})).toMatchObject([{ path: 'spec.channels[1].name' }]);
  });

  test('everything that is wrong is reported at once', () => {
    expect(faultsOf({ users: { filter: '(' }, attributes: { title: 'x' } })).toHaveLength(2);
  });
});

test('the groups that scopes name are listed once', () => {
  const channels = [
    staffChannel({ users: { groups: ['a', 'b'], exclude: { groups: ['c'] } } }),
    staffChannel({ name: 'two', users: { groups: ['a'] } }),
  ];
  expect(scopeGroupsOf(exampleConnection({ channels }))).toEqual(
    ['a', 'b', 'c'].map((dnOrId) => ({ dataStore: 'corp-ldap', dnOrId })),
  );
});
