import { spConnection, type TargetAttributes } from '@provisor/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleDocument } from '../example/example.js';
import { plan } from '../planning/plan.js';
import type { AppliedState } from '../planning/target-object-state.js';
import { AccountHashes, accountHash } from './account-hashes.js';
import { compareAccount, type ComparisonRules } from './compare-account.js';
import { GroupComparison } from './compare-members.js';
import { compareReferences, type KnownReference } from './compare-references.js';
import { decideMissing } from './decide-missing.js';

const { policy } = spConnection.parse(exampleDocument({})).spec;
const PATHS = ['userName', 'displayName', 'title', 'nickName', 'emails'];
const value = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
);
const attributes = fc.dictionary(fc.constantFrom(...PATHS), value, { maxKeys: 5 }) as fc.Arbitrary<TargetAttributes>;
const rules = (o: Partial<ComparisonRules> = {}): ComparisonRules => ({
  repair: true,
  reportOnly: [],
  shown: new Set(PATHS),
  hasStatus: true,
  ...o,
});
const expected = (written: TargetAttributes, o: { createOnly?: string[]; repairedFrom?: AppliedState } = {}) => ({
  applied: { presence: 'active', attributes: written } as const,
  createOnly: o.createOnly ?? [],
  masked: [],
  repairedFrom: o.repairedFrom ?? null,
});
const stateWith = (written: TargetAttributes, applied: AppliedState, createOnly: readonly string[] = []) => ({
  objectType: 'user' as const,
  objectId: 'o-1',
  desired: { presence: 'active' as const, attributes: written },
  createOnly,
  masked: [],
  version: { sequence: 1, config: 1 },
  link: { targetId: 't-1' },
  applied,
  createIntended: false,
  removed: false,
});

describe('compareAccount', () => {
  test('an account that is as written, whatever else it has, is left alone', () => {
    fc.assert(
      fc.property(attributes, attributes, (written, others) => {
        const foreign = Object.fromEntries(Object.entries(others).map(([path, one]) => [`x.${path}`, one]));
        const account = { active: true, attributes: { ...written, ...foreign } };
        expect(compareAccount(expected(written), account, rules())).toBeUndefined();
      }),
    );
  });

  test('planning from what was seen writes exactly the repairs, and afterwards nothing differs', () => {
    fc.assert(
      fc.property(
        attributes,
        attributes,
        fc.boolean(),
        fc.subarray(PATHS),
        fc.subarray(PATHS),
        (written, seen, active, only, createOnly) => {
          const account = { active, attributes: seen };
          const found = compareAccount(expected(written, { createOnly }), account, rules({ reportOnly: only }));
          const intent = plan(stateWith(written, found?.applied ?? expected(written).applied, createOnly), policy);
          const wrote = intent.kind === 'update' ? Object.keys(intent.set) : [];
          const repairs = found?.repairs ?? [];
          expect(
            new Set([...wrote, ...(intent.kind === 'update' && intent.active === true ? ['active'] : [])]),
          ).toEqual(new Set(repairs));
          if (intent.kind === 'update') expect(intent.clear).toEqual([]);
          for (const path of [...only, ...createOnly]) expect(repairs).not.toContain(path);
          const after = {
            active: repairs.includes('active') || active,
            attributes: { ...seen, ...pick(written, repairs) },
          };
          const rest = compareAccount(expected(written, { createOnly }), after, rules({ reportOnly: only }));
          expect(rest?.repairs ?? []).toEqual([]);
        },
      ),
    );
  });

  test('nothing is repaired where that is not asked for, and an absent value of a path that the target never shows is no drift', () => {
    fc.assert(
      fc.property(attributes, attributes, (written, seen) => {
        const account = { active: true, attributes: seen };
        const reported = compareAccount(expected(written), account, rules({ repair: false }));
        expect(reported?.repairs ?? []).toEqual([]);
        expect(reported?.applied ?? expected(written).applied).toEqual(expected(written).applied);
        expect(compareAccount(expected(written), account, rules({ shown: new Set() }))).toBeUndefined();
      }),
    );
  });

  test('a value that came back after a repair is reported, not repaired for ever', () => {
    const seen = { active: true, attributes: { title: 'DR' } };
    const first = compareAccount(expected({ title: 'Dr' }), seen, rules());
    expect(first).toMatchObject({ drifted: ['title'], repairs: ['title'], seen: { attributes: { title: 'DR' } } });
    const repairedFrom = first?.seen ?? { presence: 'active', attributes: {} };
    expect(compareAccount(expected({ title: 'Dr' }, { repairedFrom }), seen, rules())).toMatchObject({
      drifted: ['title'],
      repairs: [],
    });
    const other = { active: true, attributes: { title: 'Prof' } };
    expect(compareAccount(expected({ title: 'Dr' }, { repairedFrom }), other, rules())?.repairs).toEqual(['title']);
  });
});

describe('AccountHashes', () => {
  test('knows what it was given and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (given, others) => {
        const hashes = new AccountHashes(given.map(accountHash));
        for (const id of given) expect(hashes.has(id)).toBe(true);
        for (const id of others) expect(hashes.has(id)).toBe(given.includes(id));
        expect(hashes.size).toBe(given.length);
      }),
    );
  });
});

describe('GroupComparison', () => {
  const membership = fc.record({
    memberId: fc.string(),
    targetId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    desired: fc.boolean(),
    applied: fc.boolean(),
    settled: fc.boolean(),
    repaired: fc.boolean(),
  });

  test('takes for missing only what was written and is at rest, and for strangers only whom no membership names', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(membership, { selector: ({ targetId }) => targetId }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y')),
        fc.nat(6),
        (known, shown, at) => {
          const comparison = new GroupComparison(shown);
          comparison.take(known.slice(0, at));
          comparison.take(known.slice(at));
          const there = new Set<string>(shown);
          const named = new Set<string>(known.map(({ targetId }) => targetId));
          for (const { settled, desired, applied, targetId } of comparison.missing)
            expect([settled, desired, applied, there.has(targetId)]).toEqual([true, true, true, false]);
          for (const { settled, desired, applied, targetId } of comparison.found)
            expect([settled, desired, applied, there.has(targetId)]).toEqual([true, true, false, true]);
          expect([...comparison.strangers].sort()).toEqual(shown.filter((id) => !named.has(id)).sort());
          const { missing, found, asWritten, inWork } = comparison;
          expect(missing.length + found.length + asWritten + inWork).toBe(known.length);
        },
      ),
    );
  });
});

describe('compareReferences', () => {
  const known = (o: Partial<KnownReference> = {}): KnownReference => ({
    ...{ path: 'manager', otherId: 'boss', targetId: 't-boss', desired: true, applied: true },
    ...{ settled: true, repaired: false, ...o },
  });
  const cleared = known({ desired: false, applied: false });
  const all = new Set(['manager']);

  test.each<[string, KnownReference[], Record<string, string>, number]>([
    ['as written', [known()], { manager: 't-boss' }, 0],
    ['another account', [known()], { manager: 't-other' }, 1],
    ['missing', [known()], {}, 1],
    ['cleared and away', [cleared], {}, 0],
    ['cleared and there again', [cleared], { manager: 't-boss' }, 1],
    ['cleared and there with another account', [cleared], { manager: 't-other' }, 1],
    ['never written', [], { manager: 't-boss' }, 0],
    ['at another path', [known()], { manager: 't-boss', assistant: 't-other' }, 0],
    ['written just now', [known({ settled: false })], {}, 0],
    ['not written yet', [cleared, known({ otherId: 'other', targetId: 't-other', applied: false })], {}, 0],
    ['to be cleared', [known({ desired: false })], { manager: 't-boss' }, 0],
  ])('%s', (_, references, seen, differing) => {
    expect(compareReferences(references, seen, all)).toEqual(references.slice(0, differing));
    expect(compareReferences(references, seen, new Set())).toEqual([]);
  });
});

describe('decideMissing', () => {
  const budget = { max: 50, percent: 5 };
  test('never acts on a listing that lacks everybody, or more than the guard lets pass', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 2, max: 5_000 }), (missing, population) => {
        const decision = decideMissing(missing, population, { repair: true, budget });
        if (missing >= population && missing > 0) expect(decision.kind).toBe('held');
        if (decision.kind === 'again') expect(missing).toBeLessThanOrEqual(Math.max(50, population * 0.05));
        expect(decideMissing(missing, population, { repair: false, budget }).kind).toBe('report');
      }),
    );
  });
});

const pick = (from: TargetAttributes, paths: readonly string[]) =>
  Object.fromEntries(Object.entries(from).filter(([path]) => paths.includes(path)));
