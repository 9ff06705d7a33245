import type { Policy } from '@provisor/contracts';
import { expect, test } from 'vitest';
import type { FoundAccount, LookupAnswer } from '../connector/connector.js';
import { exampleDocument, janeAtTarget } from '../example/example.js';
import { applyIntent, beginCreate } from './apply-intent.js';
import { plan } from './plan.js';
import { resolveMatch } from './resolve-match.js';

const policyOf = (match: Policy['users']['match']): Policy =>
  exampleDocument({ policy: { users: { match } } }).spec.policy;
const found = (account: Partial<FoundAccount> = {}): LookupAnswer => ({
  kind: 'found',
  account: { targetId: 't-9', active: true, attributes: { userName: 'jdoe', title: 'not ours' }, ...account },
});
const updating = policyOf('link-and-update');
const LATER = { now: 60_000, visibleAfterMs: 2_000 };

test('an account that is found is linked, and only what differs is written', () => {
  const decision = resolveMatch(janeAtTarget(), found(), updating, LATER);
  if (decision.kind !== 'linked') throw new Error(decision.kind);
  expect(decision.object.link).toEqual({ targetId: 't-9' });
  expect(plan(decision.object, updating)).toEqual({
    kind: 'update',
    set: { 'name.familyName': 'Doe', externalId: 'id-jane' },
    clear: [],
  });
});

test('linked without a write, the account is left as it is', () => {
  const decision = resolveMatch(janeAtTarget(), found(), policyOf('link-only'), LATER);
  expect(decision.kind === 'linked' && plan(decision.object, policyOf('link-only'))).toMatchObject({ kind: 'none' });
});

test('an account of another object is never taken', () => {
  expect(resolveMatch(janeAtTarget(), found({ externalId: 'id-john' }), updating, LATER)).toMatchObject({
    kind: 'refused',
    outcome: { code: 'match.other-owner' },
  });
  expect(resolveMatch(janeAtTarget(), found({ externalId: 'id-jane' }), updating, LATER).kind).toBe('linked');
});

test('several accounts are refused by name', () => {
  const decision = resolveMatch(janeAtTarget(), { kind: 'several', targetIds: ['a', 'b'] }, updating, LATER);
  expect(decision).toMatchObject({
    kind: 'refused',
    outcome: { kind: 'rejected', code: 'match.several', cause: expect.stringContaining('a, b') as string },
  });
});

test('policy can refuse accounts that exist, but not the one that a lost answer left', () => {
  expect(resolveMatch(janeAtTarget(), found(), policyOf('reject'), LATER)).toMatchObject({
    kind: 'refused',
    outcome: { code: 'match.exists' },
  });
  expect(resolveMatch(janeAtTarget({ createIntended: true }), found(), policyOf('reject'), LATER).kind).toBe('linked');
});

test('nothing found ends the doubt about a create', () => {
  const decision = resolveMatch(janeAtTarget({ createIntended: true }), { kind: 'none' }, updating, LATER);
  expect(decision).toMatchObject({ kind: 'absent', object: { createIntended: false } });
});

test('nothing found right after a create without an answer proves nothing, and waits for as long as the target may need', () => {
  const begun = beginCreate(janeAtTarget(), 59_500);
  expect(resolveMatch(begun, { kind: 'none' }, updating, LATER)).toMatchObject({
    kind: 'refused',
    outcome: { kind: 'retryable', code: 'match.too-early', retryAfterMs: 1_500 },
  });
  expect(resolveMatch(begun, found(), updating, LATER).kind).toBe('linked');
  expect(resolveMatch(begun, { kind: 'none' }, updating, { ...LATER, now: 61_500 }).kind).toBe('absent');
});

test('a create that was refused may have left an account all the same, but it is not under way any more', () => {
  const refused = applyIntent(
    beginCreate(janeAtTarget(), 59_500),
    { kind: 'create' },
    { kind: 'rejected', code: 'no' },
    59_900,
  );
  expect(refused.createIntended).toBe(true);
  expect(resolveMatch(refused, { kind: 'none' }, updating, LATER).kind).toBe('absent');
});

test('a clock that was ahead makes nobody wait for longer than the target may need', () => {
  const begun = beginCreate(janeAtTarget(), 600_000);
  expect(resolveMatch(begun, { kind: 'none' }, updating, LATER)).toMatchObject({ outcome: { retryAfterMs: 2_000 } });
});

test('a generated value that was lost with the answer is reported', () => {
  const desired = {
    presence: 'active',
    attributes: { userName: 'jdoe', password: { generate: { length: 24 } } },
  } as const;
  expect(resolveMatch(janeAtTarget({ createIntended: true, desired }), found(), updating, LATER)).toMatchObject({
    generatedValueLost: true,
  });
});

test('a failed look-up is passed on', () => {
  const outcome = { kind: 'retryable', code: 'http.timeout' } as const;
  expect(resolveMatch(janeAtTarget(), { kind: 'failed', outcome }, updating, LATER)).toEqual({
    kind: 'refused',
    outcome,
  });
});
