import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blankedPaths } from './blanked-paths.js';
import { changeGuard, changeLimit } from './change-guard.js';
import { ChangeWindow } from './change-window.js';
import { MembershipGuard } from './membership-guard.js';

const HOUR = 3_600_000;
const budget = { max: 50, percent: 5, window: '1h' };

describe('the budget', () => {
  test('changes within the larger of both bounds go', () => {
    expect(changeGuard(budget, { inWindow: 0, population: 100, asked: 50 })).toEqual({ allowed: 50, held: 0 });
    expect(changeGuard(budget, { inWindow: 0, population: 10_000, asked: 500 })).toEqual({ allowed: 500, held: 0 });
  });

  test('what was sent in the window counts, and the rest is held', () => {
    expect(changeGuard(budget, { inWindow: 40, population: 100, asked: 30 })).toEqual({ allowed: 10, held: 20 });
    expect(changeGuard(budget, { inWindow: 90, population: 100, asked: 30 })).toEqual({ allowed: 0, held: 30 });
  });

  test('with a budget of nothing everything is held', () => {
    const nothing = { max: 0, percent: 0, window: '1h' };
    expect(changeGuard(nothing, { inWindow: 0, population: 100, asked: 1 })).toEqual({ allowed: 0, held: 1 });
  });

  test('nothing is lost between allowed and held, and the bounds are never passed', () => {
    const counts = fc.record({ inWindow: fc.nat(1000), population: fc.nat(100_000), asked: fc.nat(10_000) });
    fc.assert(
      fc.property(counts, (found) => {
        const { allowed, held } = changeGuard(budget, found);
        expect(allowed + held).toBe(found.asked);
        if (allowed > 0) expect(found.inWindow + allowed).toBeLessThanOrEqual(changeLimit(budget, found.population));
      }),
    );
  });
});

interface Sent {
  readonly key: string;
  readonly at: number;
  readonly approved: boolean;
}

/** What a person approved stays approved while it is tried again, window by window. */
const isApproved = (sent: readonly Sent[], key: string, since: number): boolean =>
  sent.findLast((one) => one.key === key && one.at > since)?.approved === true;

/** Changes that come one after the other, some of them approved by a person, some tried again. */
const changes = fc.array(
  fc.record({ wait: fc.nat(HOUR / 4), key: fc.nat(40), group: fc.nat(3), approved: fc.boolean() }),
  { maxLength: 120 },
);
const smallBudget = fc.record({ max: fc.nat(8), percent: fc.nat(20), window: fc.constantFrom('10m', '1h') });

describe('the sliding window', () => {
  test('without an approval never more than the budget goes in any window', () => {
    fc.assert(
      fc.property(changes, smallBudget, fc.nat(100), (steps, small, population) => {
        const window = new ChangeWindow();
        const sent: Sent[] = [];
        const length = small.window === '1h' ? HOUR : HOUR / 6;
        let now = 0;
        for (const step of steps) {
          now += step.wait;
          const key = String(step.key);
          const allowed = window.allows(key, small, { population, now });
          if (!allowed && !step.approved) continue;
          window.count(key, now);
          sent.push({ key, at: now, approved: !allowed || isApproved(sent, key, now - length) });
        }
        for (const { at } of sent) {
          const within = sent.filter((one) => one.at <= at && one.at > at - length);
          const withoutApproval = new Set(within.filter(({ approved }) => !approved).map(({ key }) => key));
          const approvals = new Set(within.filter(({ approved }) => approved).map(({ key }) => key));
          const counted = [...withoutApproval].filter((key) => !approvals.has(key));
          expect(counted.length).toBeLessThanOrEqual(changeLimit(small, population));
        }
      }),
    );
  });

  test('a restart changes no decision', () => {
    fc.assert(
      fc.property(changes, smallBudget, (steps, small) => {
        const kept = new ChangeWindow();
        const stored = new Map<string, number>();
        let now = 0;
        for (const { wait, key } of steps) {
          now += wait;
          const restarted = new ChangeWindow(stored);
          const allowed = kept.allows(String(key), small, { population: 20, now });
          expect(restarted.allows(String(key), small, { population: 20, now })).toBe(allowed);
          if (!allowed) continue;
          kept.count(String(key), now);
          stored.set(String(key), now);
        }
      }),
    );
  });

  test('a change that is tried again counts once, and one that left the window is forgotten', () => {
    const window = new ChangeWindow([['a', 0]]);
    const one = { max: 1, percent: 0, window: '1h' };
    expect(window.allows('a', one, { population: 0, now: 1 })).toBe(true);
    expect(window.allows('b', one, { population: 0, now: 1 })).toBe(false);
    expect(window.allows('b', one, { population: 0, now: HOUR + 1 })).toBe(true);
  });
});

describe('the guard of memberships', () => {
  const populations = { connection: 0, group: 0 };

  test('no group and no SP connection loses more members than their budgets, whatever is asked', () => {
    fc.assert(
      fc.property(changes, smallBudget, smallBudget, (steps, connection, group) => {
        const budgets = { connection: { ...connection, window: '1h' }, group: { ...group, window: '1h' } };
        const guard = new MembershipGuard();
        const sent: Sent[] = [];
        let now = 0;
        for (const { wait, key, group: groupId, approved } of steps) {
          now += wait;
          const end = { memberId: String(key), released: approved };
          const { allowed, held } = guard.take(String(groupId), [end], { budgets, populations, now });
          expect(allowed.length + held.length).toBe(1);
          const id = `${groupId} ${key}`;
          if (allowed.length === 1)
            sent.push({ key: id, at: now, approved: approved || isApproved(sent, id, now - HOUR) });
        }
        for (const { at } of sent) {
          const within = sent.filter((one) => one.at <= at && one.at > at - HOUR);
          const approvals = new Set(within.filter((one) => one.approved).map((one) => one.key));
          const free = [...new Set(within.map((one) => one.key))].filter((id) => !approvals.has(id));
          expect(free.length).toBeLessThanOrEqual(connection.max);
          for (const id of [0, 1, 2, 3])
            expect(free.filter((one) => one.startsWith(`${id} `)).length).toBeLessThanOrEqual(group.max);
        }
      }),
    );
  });

  test('one group that loses its members stops while others go on', () => {
    const budgets = { connection: { ...budget, max: 10 }, group: { ...budget, max: 2 } };
    const ends = ['a', 'b', 'c'].map((memberId) => ({ memberId, released: false }));
    const guard = new MembershipGuard([{ groupId: 'g', memberId: 'z', at: 0 }]);
    const at = { budgets, populations, now: 1 };
    expect(guard.sharesMatter('g', 3, budgets, 1)).toBe(true);
    expect(guard.take('g', ends, at)).toMatchObject({ allowed: [{ memberId: 'a' }], held: [{}, {}] });
    expect(guard.explain('g', budgets, at)).toMatch(/^2 members of this group/);
    expect(guard.take('other', ends, at).allowed).toHaveLength(2);
    expect(guard.take('g', [{ memberId: 'b', released: true }], at).allowed).toHaveLength(1);
  });
});

test('paths are blanked that are cleared or written as nothing, where there was a value', () => {
  const applied = { title: 'Clerk', phones: ['1'], nickName: '' };
  const update = { kind: 'update' as const, set: { phones: [], nickName: '', city: '', name: 'A' }, clear: ['title'] };
  expect(blankedPaths(update, applied)).toEqual(['title', 'phones']);
  expect(blankedPaths({ kind: 'create' }, applied)).toEqual([]);
});
