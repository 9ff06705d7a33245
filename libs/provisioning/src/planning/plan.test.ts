import { spConnection, type DesiredState, type Policy, type TargetAttributes } from '@provisor/contracts';
import { describe, expect, test } from 'vitest';
import { exampleDocument, janeAtTarget } from '../example/example.js';
import { isRemoval } from './intent.js';
import { plan } from './plan.js';
import type { TargetObjectState } from './target-object-state.js';

const policyOf = (policy: Record<string, unknown> = {}): Policy =>
  spConnection.parse(exampleDocument({ policy })).spec.policy;
const policy = policyOf();
const absent = { account: 'absent-at-target' } as const;
const link = { targetId: 't-1' };
const linked = (attributes: TargetAttributes, overrides: Partial<TargetObjectState> = {}): TargetObjectState =>
  janeAtTarget({ link, applied: { presence: 'active', attributes }, ...overrides });
const applied = janeAtTarget().desired.attributes ?? {};

describe('without an account', () => {
  test('an account is looked for before one is created', () => {
    expect(plan(janeAtTarget(), policy)).toEqual({ kind: 'match' });
    expect(plan(janeAtTarget(), policy, absent)).toEqual({ kind: 'create' });
  });

  test('after a lost answer the account is looked for, whatever is desired now', () => {
    expect(plan(janeAtTarget({ createIntended: true, desired: { presence: 'absent' } }), policy)).toEqual({
      kind: 'match',
    });
  });

  test('policy can forbid creation', () => {
    expect(plan(janeAtTarget(), policyOf({ users: { create: false } }), absent)).toMatchObject({
      kind: 'skip',
      code: 'policy.create-off',
    });
  });

  test('accounts of disabled users are created only where policy says so', () => {
    const disabled = janeAtTarget({ desired: { presence: 'disabled', attributes: applied } });
    expect(plan(disabled, policy, absent)).toMatchObject({ kind: 'skip', code: 'policy.create-disabled-off' });
    expect(plan(disabled, policyOf({ users: { createDisabled: true } }), absent)).toEqual({ kind: 'create' });
  });

  test('what never was there is not removed', () => {
    expect(plan(janeAtTarget({ desired: { presence: 'absent' } }), policy)).toMatchObject({ kind: 'none' });
    expect(plan(janeAtTarget({ desired: { presence: 'disabled', memberOf: [] } }), policy)).toMatchObject({
      kind: 'none',
    });
  });

  test('after a removal only a newer state that wants the account active brings it back', () => {
    const removed = { removed: true, removedVersion: { sequence: 5, config: 1 } };
    expect(plan(janeAtTarget({ ...removed, version: { sequence: 5, config: 1 } }), policy, absent)).toMatchObject({
      kind: 'none',
      why: 'removed',
    });
    expect(plan(janeAtTarget({ ...removed, version: { sequence: 6, config: 1 } }), policy, absent)).toEqual({
      kind: 'create',
    });
    const disabled = { presence: 'disabled', attributes: applied } as const;
    expect(
      plan(janeAtTarget({ ...removed, version: { sequence: 6, config: 1 }, desired: disabled }), policy, absent),
    ).toMatchObject({ kind: 'none' });
  });
});

describe('with an account', () => {
  test('nothing is sent where nothing differs', () => {
    expect(plan(linked(applied), policy)).toMatchObject({ kind: 'none' });
  });

  test('only what differs is sent, and what has no value any more is cleared', () => {
    const state = linked({ ...applied, 'name.familyName': 'Roe', title: 'Dr' });
    expect(plan(state, policy)).toEqual({ kind: 'update', set: { 'name.familyName': 'Doe' }, clear: ['title'] });
  });

  test('everything is sent where nothing is known of the account', () => {
    expect(plan(janeAtTarget({ link }), policy)).toEqual({ kind: 'update', set: applied, clear: [], active: true });
  });

  test('create-only and generated values are not sent again', () => {
    const desired = {
      presence: 'active',
      attributes: { ...applied, title: 'new', password: { generate: { length: 24 } } },
    } as const;
    expect(plan(linked(applied, { desired, createOnly: ['title', 'password'] }), policy)).toMatchObject({
      kind: 'none',
    });
    expect(
      plan(
        linked(applied, {
          desired: { presence: 'active', attributes: { ...applied, password: { generate: { length: 24 } } } },
        }),
        policy,
      ),
    ).toMatchObject({ kind: 'none' });
  });

  test('sealed values are compared by digest', () => {
    const sealed = (text: string, digest: string) => ({ ...applied, nickName: { sealed: text, digest } });
    const desired = { presence: 'active', attributes: sealed('other-iv', 'd1') } as const;
    expect(plan(linked(sealed('iv', 'd1'), { desired, masked: ['nickName'] }), policy)).toMatchObject({ kind: 'none' });
    expect(plan(linked(sealed('iv', 'd0'), { desired, masked: ['nickName'] }), policy)).toMatchObject({
      kind: 'update',
      set: { nickName: { digest: 'd1' } },
    });
  });

  test('lists are compared without regard to order', () => {
    const desired = { presence: 'active', attributes: { ...applied, roles: ['b', 'a'] } } satisfies DesiredState;
    expect(plan(linked({ ...applied, roles: ['a', 'b'] }, { desired }), policy)).toMatchObject({ kind: 'none' });
  });

  test('disabling alone is a removal; with other changes it is one update', () => {
    const disable = plan(linked(applied, { desired: { presence: 'disabled', memberOf: [] } }), policy);
    expect(disable).toEqual({ kind: 'remove', how: 'disable' });
    const both = plan(
      linked({ ...applied, title: 'Dr' }, { desired: { presence: 'disabled', attributes: applied } }),
      policy,
    );
    expect(both).toEqual({ kind: 'update', set: {}, clear: ['title'], active: false });
    expect([disable, both].map(isRemoval)).toEqual([true, true]);
  });

  test('enabling again is an update', () => {
    const state = linked(applied, { applied: { presence: 'disabled', attributes: applied } });
    expect(plan(state, policy)).toEqual({ kind: 'update', set: {}, clear: [], active: true });
    expect(plan(state, policyOf({ users: { update: false } }))).toMatchObject({
      kind: 'skip',
      code: 'policy.update-off',
    });
  });

  test('without updates an account is still disabled', () => {
    const state = linked({ ...applied, title: 'x' }, { desired: { presence: 'disabled', attributes: applied } });
    expect(plan(state, policyOf({ users: { update: false } }))).toEqual({ kind: 'remove', how: 'disable' });
  });

  test('an absent account is deleted', () => {
    expect(plan(linked(applied, { desired: { presence: 'absent' } }), policy)).toEqual({
      kind: 'remove',
      how: 'delete',
    });
  });
});
