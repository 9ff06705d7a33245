import type { DesiredState, Presence, TargetAttributes, TargetValue } from '@provisor/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LookupAnswer } from '../connector/connector.js';
import type { CallOutcome } from '../outcome/outcome.js';
import { exampleDocument, janeAtTarget } from '../example/example.js';
import { applyIntent } from './apply-intent.js';
import { applyDifference, diffAttributes } from './attribute-difference.js';
import type { Intent } from './intent.js';
import { plan } from './plan.js';
import { resolveMatch } from './resolve-match.js';
import type { TargetObjectState } from './target-object-state.js';

const { policy } = exampleDocument({ policy: { users: { createDisabled: true } } }).spec;
const value: fc.Arbitrary<TargetValue> = fc.oneof(
  fc.constantFrom('a', 'b'),
  fc.boolean(),
  fc.nat(2),
  fc.uniqueArray(fc.constantFrom('x', 'y')),
);
const attributes: fc.Arbitrary<TargetAttributes> = fc.dictionary(fc.constantFrom('p', 'q', 'r'), value);
const desired: fc.Arbitrary<DesiredState> = fc.record({
  presence: fc.constantFrom<Presence>('active', 'disabled', 'absent'),
  attributes,
});

describe('differences', () => {
  test('applying the difference of two sets of attributes leads from one to the other', () => {
    fc.assert(
      fc.property(attributes, attributes, (from, to) => {
        expect(diffAttributes(applyDifference(from, diffAttributes(from, to)), to)).toEqual({ set: {}, clear: [] });
      }),
    );
  });

  test('equal attributes have no difference', () => {
    fc.assert(
      fc.property(attributes, (same) => {
        expect(diffAttributes(same, structuredClone(same))).toEqual({ set: {}, clear: [] });
      }),
    );
  });
});

/** A service provider with one account at most. Each call is answered, refused, lost before it took effect, or lost after it. */
type Fate = 'answered' | 'throttled' | 'lost-before' | 'lost-after' | 'refused';
class Target {
  account: { active: boolean; attributes: Map<string, TargetValue> } | undefined;
  creates = 0;

  call(object: TargetObjectState, intent: Intent, fate: Fate): CallOutcome {
    if (fate === 'throttled') return { kind: 'retryable', code: 'http.429', throttled: true };
    if (fate === 'refused') return { kind: 'rejected', code: 'http.400' };
    if (fate !== 'lost-before') {
      if (intent.kind !== 'create' && this.account === undefined) return { kind: 'vanished', code: 'http.404' };
      this.write(object, intent);
    }
    return fate === 'answered'
      ? { kind: 'applied', code: 'ok', targetId: 't-1' }
      : { kind: 'retryable', code: 'http.timeout', ambiguous: true };
  }

  lookup(): LookupAnswer {
    if (this.account === undefined) return { kind: 'none' };
    return {
      kind: 'found',
      account: {
        targetId: 't-1',
        active: this.account.active,
        attributes: Object.fromEntries(this.account.attributes),
      },
    };
  }

  private write(object: TargetObjectState, intent: Intent): void {
    if (intent.kind === 'create') {
      if (this.account === undefined) this.creates++;
      this.account = {
        active: object.desired.presence === 'active',
        attributes: new Map(Object.entries(object.desired.attributes ?? {})),
      };
    } else if (intent.kind === 'remove') {
      if (intent.how === 'delete') this.account = undefined;
      else if (this.account) this.account.active = false;
    } else if (intent.kind === 'update' && this.account) {
      for (const [path, next] of Object.entries(intent.set)) this.account.attributes.set(path, next);
      for (const path of intent.clear) this.account.attributes.delete(path);
      this.account.active = intent.active ?? this.account.active;
    }
  }
}

/** One step of the dispatcher; null where there is nothing to do. */
function step(target: Target, object: TargetObjectState, fate: Fate): TargetObjectState | null {
  const intent = plan(object, policy);
  if (intent.kind === 'none' || intent.kind === 'skip') return null;
  if (intent.kind !== 'match') return applyIntent(object, intent, target.call(object, intent, fate));
  const match = resolveMatch(object, target.lookup(), policy);
  if (match.kind === 'refused') throw new Error('refused');
  if (match.kind === 'linked') return match.object;
  const next = plan(match.object, policy, { account: 'absent-at-target' });
  if (next.kind === 'none' || next.kind === 'skip') return null;
  return applyIntent(match.object, next, target.call(match.object, next, fate));
}

const fates = fc.array(fc.constantFrom<Fate>('answered', 'throttled', 'lost-before', 'lost-after', 'refused'), {
  maxLength: 4,
});
const versions = fc.array(fc.tuple(desired, fates), { minLength: 1, maxLength: 5 });

describe('convergence', () => {
  test('once an intent is applied there is nothing left to do', () => {
    fc.assert(
      fc.property(desired, attributes, fc.constantFrom<Presence>('active', 'disabled'), (wanted, before, presence) => {
        const object = janeAtTarget({
          desired: wanted,
          link: { targetId: 't-1' },
          applied: { presence, attributes: before },
        });
        const intent = plan(object, policy);
        const after = applyIntent(object, intent, { kind: 'applied', code: 'ok', targetId: 't-1' });
        expect(plan(after, policy)).toMatchObject({ kind: 'none' });
      }),
    );
  });

  test('whatever answers are lost or refused, the target ends as desired last, with no account created twice', () => {
    fc.assert(
      fc.property(versions, (history) => {
        const target = new Target();
        let object = janeAtTarget();
        let lifetimes = 1;
        for (const [index, [wanted, met]] of history.entries()) {
          object = { ...object, desired: wanted, version: { sequence: index + 1, config: 1 } };
          for (const fate of met) object = step(target, object, fate) ?? object;
        }
        for (let quiet = 0, round = 0; quiet < 1; round++) {
          if (round > 10) throw new Error('does not come to rest');
          const next = step(target, object, 'answered');
          if (next === null) quiet++;
          else object = next;
        }
        if (history.some(([wanted]) => wanted.presence === 'absent')) lifetimes = history.length;
        expect(target.creates).toBeLessThanOrEqual(lifetimes);
        expectAsDesired(target, object);
      }),
      { numRuns: 1000 },
    );
  });
});

function expectAsDesired(target: Target, object: TargetObjectState): void {
  const { presence, attributes: wanted } = object.desired;
  if (presence === 'absent') {
    expect(target.account).toBeUndefined();
    return;
  }
  // After a removal a state that wants the account disabled does not bring it back.
  if (presence === 'disabled' && target.account === undefined) {
    expect(object.removed).toBe(true);
    return;
  }
  expect(target.account?.active).toBe(presence === 'active');
  expect(diffAttributes(Object.fromEntries(target.account?.attributes ?? []), wanted ?? {})).toEqual({
    set: {},
    clear: [],
  });
}
