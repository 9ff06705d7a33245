import { durationMs } from '@provisor/contracts';
import { describe, expect, it } from 'vitest';
import { GuardWindows, longestWindow } from './guard-windows.js';

const NOW = 1_700_000_000_000;
const budget = { max: 3, percent: 10, window: '1h' };
const sentAt = (...ids: string[]): ReadonlyMap<string, number> => new Map(ids.map((id) => [id, NOW]));
const windows = (removals: ReadonlyMap<string, number>, population: number): GuardWindows =>
  new GuardWindows({ removals, blanks: new Map(), memberships: [], population });

describe('GuardWindows', () => {
  it('stops when both bounds are exceeded, and not before', () => {
    const guards = windows(new Map(), 100);
    for (let i = 0; i < 10; i += 1) {
      expect(guards.allows('removals', `o${i}`, budget, NOW)).toBe(true);
      guards.count('removals', `o${i}`, NOW);
    }
    expect(guards.allows('removals', 'o10', budget, NOW)).toBe(false);
    expect(guards.explain('removals', budget, NOW)).toContain('10 accounts were disabled or deleted within 1h');
  });

  it('remembers what was sent before a restart until it leaves the window', () => {
    const guards = windows(sentAt('a', 'b', 'c'), 5);
    expect(guards.allows('removals', 'd', budget, NOW)).toBe(false);
    expect(guards.allows('removals', 'a', budget, NOW)).toBe(true);
    expect(guards.allows('removals', 'd', budget, NOW + 3_600_001)).toBe(true);
  });

  it('counts removals and lost values apart', () => {
    const guards = windows(sentAt('a', 'b', 'c'), 5);
    expect(guards.allows('blanks', 'd', budget, NOW)).toBe(true);
  });

  it('takes the share of the accounts that there are now', () => {
    const guards = windows(sentAt('a', 'b', 'c'), 39);
    expect(guards.allows('removals', 'd', budget, NOW)).toBe(false);
    guards.linked();
    expect(guards.allows('removals', 'd', budget, NOW)).toBe(true);
    guards.unlinked();
    expect(guards.allows('removals', 'd', budget, NOW)).toBe(false);
  });

  it('remembers as far back as the longest window reaches', () => {
    expect(longestWindow(undefined, durationMs)).toBe(86_400_000);
    const memberships = { ...budget, perGroup: { ...budget, window: '6h' } };
    expect(longestWindow({ removals: budget, blanks: budget, memberships }, durationMs)).toBe(6 * 3_600_000);
  });
});
