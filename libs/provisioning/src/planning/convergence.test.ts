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
import { resolveRead } from './read-sent.js';
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

type Account = { active: boolean; attributes: Map<string, TargetValue> };
const shown = ({ active, attributes: values }: Account): LookupAnswer => ({
  kind: 'found',
  account: { targetId: 't-1', active, attributes: Object.fromEntries(values) },
});

/** A service provider with one account at most. Each call is answered, refused, lost before it took effect, or lost after it. */
type Fate = 'answered' | 'throttled' | 'lost-before' | 'lost-after' | 'refused';
class Target {
  account: Account | undefined;
  creates = 0;
  /** How it looked before the last call whose answer was lost: what a read may still show. */
  private earlier: Account | undefined;

  call(object: TargetObjectState, intent: Intent, fate: Fate): CallOutcome {
    if (fate === 'throttled') return { kind: 'retryable', code: 'http.429', throttled: true };
    if (fate === 'refused') return { kind: 'rejected', code: 'http.400' };
    if (fate !== 'answered') this.earlier = structuredClone(this.account);
    if (fate !== 'lost-before') {
      if (intent.kind !== 'create' && this.account === undefined) return { kind: 'vanished', code: 'http.404' };
      this.write(object, intent);
    }
    return fate === 'answered'
      ? { kind: 'applied', code: 'ok', targetId: 't-1' }
      : { kind: 'retryable', code: 'http.timeout', ambiguous: true };
  }

  lookup(): LookupAnswer {
    return this.account === undefined ? { kind: 'none' } : shown(this.account);
  }

  read(fate: Fate): LookupAnswer {
    const seen = fate === 'lost-after' ? this.earlier : this.account;
    return seen === undefined ? { kind: 'none' } : shown(seen);
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
  if (intent.kind === 'read') return stepAfterRead(target, object, fate);
  if (intent.kind !== 'match') return applyIntent(object, intent, target.call(object, intent, fate), 0);
  const match = resolveMatch(object, target.lookup(), policy, { now: 0, visibleAfterMs: 0 });
  if (match.kind === 'refused') throw new Error('refused');
  if (match.kind === 'linked') return match.object;
  const next = plan(match.object, policy, { account: 'absent-at-target' });
  if (next.kind === 'none' || next.kind === 'skip') return null;
  return applyIntent(match.object, next, target.call(match.object, next, fate), 0);
}

function stepAfterRead(target: Target, object: TargetObjectState, fate: Fate): TargetObjectState | null {
  const answer = target.read(fate);
  const seen = answer.kind === 'found' ? resolveRead(object, answer.account).object : object;
  const intent = plan(seen, policy, { read: true });
  if (intent.kind === 'none') return fate === 'lost-before' ? object : seen;
  return applyIntent(seen, intent, target.call(seen, intent, fate), 0);
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
        const after = applyIntent(object, intent, { kind: 'applied', code: 'ok', targetId: 't-1' }, 0);
        expect(plan(after, policy)).toMatchObject({ kind: 'none' });
      }),
    );
  });

  test('what has arrived although its answer was lost is not written again', () => {
    fc.assert(
      fc.property(
        attributes,
        attributes,
        fc.constantFrom<Presence>('active', 'disabled'),
        (before, wanted, presence) => {
          const linked = { link: { targetId: 't-1' }, applied: { presence: 'active', attributes: before } } as const;
          const object = janeAtTarget({ ...linked, desired: { presence, attributes: wanted } });
          const target = new Target();
          target.account = { active: true, attributes: new Map(Object.entries(before)) };
          const intent = plan(object, policy);
          fc.pre(intent.kind === 'remove' || (intent.kind === 'update' && intent.clear.length === 0));
          const lost = applyIntent(object, intent, target.call(object, intent, 'lost-after'), 0);
          expect(plan(lost, policy).kind).toBe('read');
          expect(plan(stepAfterRead(target, lost, 'answered') ?? lost, policy)).toMatchObject({ kind: 'none' });
        },
      ),
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
