import type { AttributeRule } from '@provisor/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleConnection, exampleGroups, jane, janeDeleted, staffChannel } from '../example/example.js';
import { evaluate } from './evaluate.js';
import type { Evaluation } from './evaluation.js';

const inScope = (evaluation: Evaluation): Extract<Evaluation, { kind: 'in-scope' }> => {
  if (evaluation.kind !== 'in-scope') throw new Error(`not in scope: ${JSON.stringify(evaluation)}`);
  return evaluation;
};
const evaluated = (channel: Record<string, unknown>, change = jane(), spec = {}): Evaluation =>
  evaluate(change, exampleConnection({ channels: [staffChannel(channel)], ...spec }), exampleGroups);

/** The value that a rule gives the field `title` for Jane. */
const mapped = (rule: unknown, attributes: Record<string, string[]> = {}) => {
  const change = jane({ attributes: { ...jane().attributes, ...attributes } });
  const evaluation = evaluated({ attributes: { userName: 'uid', title: rule as AttributeRule } }, change);
  return evaluation.kind === 'in-scope' ? evaluation.desired.attributes?.['title'] : evaluation;
};

describe('scope', () => {
  test('somebody below the base is in scope, somebody beside it is not', () => {
    expect(evaluated({}).kind).toBe('in-scope');
    expect(evaluated({}, jane({ dn: 'uid=jdoe,ou=robots,dc=corp,dc=example' })).kind).toBe('out-of-scope');
  });

  test('base, filter and group all have to hold', () => {
    const users = {
      base: 'ou=people,dc=corp,dc=example',
      filter: '(employeeType=staff)',
      groups: ['cn=slack,ou=groups,dc=corp,dc=example'],
    };
    expect(evaluated({ users }, jane({ memberOf: ['id-slack'] })).kind).toBe('in-scope');
    expect(evaluated({ users }).kind).toBe('out-of-scope');
    const external = { ...jane().attributes, employeeType: ['external'] };
    expect(evaluated({ users }, jane({ memberOf: ['id-slack'], attributes: external })).kind).toBe('out-of-scope');
  });

  test('members of nested groups count only where the scope says so', () => {
    const change = jane({ memberOf: ['id-team'], memberOfNested: ['id-team', 'id-slack'] });
    expect(evaluated({ users: { groups: ['id-slack'] } }, change).kind).toBe('out-of-scope');
    expect(evaluated({ users: { groups: ['id-slack'], nested: true } }, change).kind).toBe('in-scope');
  });

  test('exclusions win', () => {
    expect(evaluated({ users: { exclude: { filter: '(uid=jdoe)' } } }).kind).toBe('out-of-scope');
    expect(evaluated({ users: { exclude: { groups: ['id-slack'] } } }, jane({ memberOf: ['id-slack'] })).kind).toBe(
      'out-of-scope',
    );
  });

  test('a group that is not known yet never reads as "nobody is in it"', () => {
    const evaluation = evaluated({ users: { groups: ['cn=unknown,dc=corp,dc=example'] } });
    expect(evaluation).toMatchObject({ kind: 'failed', problem: { code: 'scope.group-unknown' } });
    const either = evaluated(
      { users: { groups: ['cn=unknown,dc=corp,dc=example', 'id-slack'] } },
      jane({ memberOf: ['id-slack'] }),
    );
    expect(either.kind).toBe('in-scope');
  });

  test('the first channel whose scope holds wins', () => {
    const channels = [
      staffChannel({ name: 'none', users: { filter: '(uid=x)' } }),
      staffChannel(),
      staffChannel({ name: 'later' }),
    ];
    expect(inScope(evaluate(jane(), exampleConnection({ channels }), exampleGroups)).channel).toBe('staff');
  });

  test('a channel takes objects of its data store alone', () => {
    expect(evaluated({ dataStore: 'other' }).kind).toBe('out-of-scope');
  });

  test('an inactive channel or connection suspends rather than removes', () => {
    expect(evaluated({ active: false })).toEqual({ kind: 'suspended', channel: 'staff' });
    expect(evaluated({}, janeDeleted(2), { active: false })).toEqual({ kind: 'suspended' });
  });

  test('an object that is deleted is in no scope', () => {
    expect(evaluated({}, janeDeleted(2)).kind).toBe('out-of-scope');
  });
});

describe('presence', () => {
  const disabled = jane({ enabled: false });

  test.each([
    ['disable', 'disabled'],
    ['delete', 'absent'],
    ['keep', 'active'],
  ])('somebody disabled at the source is, with "%s", %s at the target', (policy, presence) => {
    expect(inScope(evaluated({}, disabled, { policy: { users: { disabled: policy } } })).desired.presence).toBe(
      presence,
    );
  });

  test('an account is closed even where its attributes cannot be mapped', () => {
    const attributes = { userName: 'uid', title: { expression: 'attr.missing[0]' } };
    const evaluation = inScope(evaluated({ attributes }, disabled));
    expect(evaluation.desired).toEqual({ presence: 'disabled', memberOf: [] });
    expect(evaluation.problems).toHaveLength(1);
    expect(evaluated({ attributes }).kind).toBe('failed');
  });
});

describe('attribute mapping', () => {
  test.each([
    ['a source attribute, whatever the case of its name', 'GIVENNAME', 'Jane'],
    ['the first value of several', { source: 'title' }, 'Dr'],
    ['all values', { source: 'title', multiple: true }, ['Dr', 'Prof']],
    ['the first source that has a value', { sources: ['nickname', 'givenName'] }, 'Jane'],
    ['sources joined', { sources: ['givenName', 'initials', 'sn'], join: ' ' }, 'Jane Doe'],
    ['a default where there is no value', { source: 'nickname', default: 'n/a' }, 'n/a'],
    ['a constant', { constant: 'Employee' }, 'Employee'],
    ['a constant list', { constant: ['a', 'b'] }, ['a', 'b']],
    ['upper case', { source: 'sn', case: 'upper' }, 'DOE'],
    ['trimmed', { source: 'padded', trim: true }, 'x'],
    ['nothing where trimming leaves nothing', { source: 'blank', trim: true }, undefined],
    ['the common name of a DN', { source: 'boss', parse: 'cnFromDn' }, 'Big, Boss'],
    ['nothing where a DN is expected and none is there', { source: 'sn', parse: 'cnFromDn' }, undefined],
    ['the local part of a mail address', { source: 'mail', parse: 'localPart', case: 'upper' }, 'JANE'],
    ['a truth value', { source: 'flag', type: 'boolean' }, true],
    ['a whole number', { source: 'number', type: 'integer' }, 42],
    ['an expression', { expression: "attr.givenName[0] + ' ' + attr.sn[0]" }, 'Jane Doe'],
    ['an expression that gives a number', { expression: 'size(attr.title)', type: 'integer' }, 2],
    ['an expression that gives a list', { expression: 'attr.title.map(t, t + ".")', multiple: true }, ['Dr.', 'Prof.']],
    ['the default of an expression that fails', { expression: 'attr.nickname[0]', default: 'none' }, 'none'],
    ['a value to be made at create', { generate: { length: 20 } }, { generate: { length: 20 } }],
  ])('%s', (_what, rule, expected) => {
    const attributes = {
      title: ['Dr', 'Prof'],
      padded: [' x '],
      blank: ['  '],
      boss: ['cn=Big\\, Boss,dc=x'],
      flag: ['TRUE'],
      number: ['42'],
    };
    expect(mapped(rule, attributes)).toEqual(expected);
  });

  test('all values come without repetition and in one order, however the source gives them', () => {
    const rule = { source: 'mail', multiple: true };
    expect(mapped(rule, { mail: ['b', 'a', 'b'] })).toEqual(mapped(rule, { mail: ['a', 'b'] }));
  });

  test('an expression that fails without a default keeps this object back and says why', () => {
    expect(mapped({ expression: 'attr.nickname[0]' })).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'mapping.expression-failed',
        path: 'title',
        message: expect.stringContaining('nickname') as string,
      },
    });
  });

  test('a value of the wrong type keeps the object back and is not shown', () => {
    const answer = mapped({ source: 'sn', type: 'integer' });
    expect(answer).toMatchObject({ kind: 'failed', problem: { code: 'mapping.type' } });
    expect(JSON.stringify(answer)).not.toContain('Doe');
  });

  test('what an expression complains about is not shown for a masked value', () => {
    const answer = mapped({ expression: 'string(bool(attr.sn[0]))', masked: true });
    expect(answer).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(answer)).not.toContain('Doe');
  });

  test('a user without user name is kept back', () => {
    expect(evaluated({ attributes: { userName: 'nothing' } })).toMatchObject({
      kind: 'failed',
      problem: { code: 'mapping.required', path: 'userName' },
    });
  });

  test('the external id is the object id unless it is mapped', () => {
    expect(inScope(evaluated({})).desired.attributes).toMatchObject({ externalId: 'id-jane' });
    expect(inScope(evaluated({ attributes: { userName: 'uid', externalId: 'uid' } })).desired.attributes).toMatchObject(
      { externalId: 'jdoe' },
    );
  });

  test('create-only and masked fields are named', () => {
    const attributes = {
      userName: 'uid',
      title: { source: 'title', createOnly: true },
      nickName: { source: 'sn', masked: true },
      password: { generate: {} },
    };
    expect(inScope(evaluated({ attributes }))).toMatchObject({
      createOnly: ['password', 'title'],
      masked: ['nickName', 'password'],
    });
  });

  test('a reference carries the object that it names', () => {
    const path = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
    const change = jane({ references: { Manager: 'id-boss' } });
    expect(
      inScope(evaluated({ attributes: { userName: 'uid', [path]: { reference: 'manager' } } }, change)).desired
        .references,
    ).toEqual({ [path]: 'id-boss' });
  });

  test('values that would not fit into a record keep the object back', () => {
    expect(mapped({ source: 'photo' }, { photo: ['x'.repeat(300_000)] })).toMatchObject({
      kind: 'failed',
      problem: { code: 'mapping.too-large' },
    });
  });
});

describe('memberships', () => {
  const change = jane({ memberOf: ['id-slack', 'id-lunch'] });

  test('a user carries all its direct groups where the connection provisions groups', () => {
    expect(inScope(evaluated({}, change)).desired.memberOf).toEqual(['id-slack', 'id-lunch']);
  });

  test('nothing is said about memberships where there are no groups, or where the channel leaves them out', () => {
    expect(inScope(evaluated({ groups: undefined }, change)).desired.memberOf).toBeUndefined();
    expect(inScope(evaluated({ memberships: false }, change)).desired.memberOf).toBeUndefined();
  });

  test('a group has its name and its own memberships', () => {
    const group = jane({
      objectId: 'id-slack',
      objectType: 'group',
      dn: 'cn=slack,ou=groups,dc=corp,dc=example',
      attributes: { cn: ['slack'] },
      memberOf: ['id-all'],
    });
    expect(inScope(evaluated({}, group)).desired).toEqual({
      presence: 'active',
      attributes: { displayName: 'slack', externalId: 'id-slack' },
      memberOf: ['id-all'],
    });
  });
});

test('evaluating the same change twice gives the same', () => {
  const attributes = fc.dictionary(
    fc.constantFrom('uid', 'sn', 'mail', 'employeeType'),
    fc.array(fc.string(), { maxLength: 3 }),
  );
  const connection = exampleConnection({
    channels: [
      staffChannel({
        attributes: {
          userName: { source: 'uid', default: 'x' },
          title: { expression: 'attr.mail[0]', default: 'none' },
          'emails[type eq "work"].value': { source: 'mail', multiple: true },
        },
      }),
    ],
  });
  fc.assert(
    fc.property(attributes, fc.boolean(), (found, enabled) => {
      const change = jane({ attributes: found, enabled });
      expect(evaluate(change, connection, exampleGroups)).toEqual(
        evaluate(structuredClone(change), connection, exampleGroups),
      );
    }),
  );
});
