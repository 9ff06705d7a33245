import fc from 'fast-check';
import { expect, test } from 'vitest';
import { removalGuard } from './removal-guard.js';

const budget = { max: 50, percent: 5, window: '1h' };

test('removals within the larger of both bounds go', () => {
  expect(removalGuard(budget, { removedInWindow: 0, population: 100, asked: 50 })).toEqual({ allowed: 50, held: 0 });
  expect(removalGuard(budget, { removedInWindow: 0, population: 10_000, asked: 500 })).toEqual({
    allowed: 500,
    held: 0,
  });
});

test('what was removed in the window counts, and the rest is held', () => {
  expect(removalGuard(budget, { removedInWindow: 40, population: 100, asked: 30 })).toEqual({ allowed: 10, held: 20 });
  expect(removalGuard(budget, { removedInWindow: 90, population: 100, asked: 30 })).toEqual({ allowed: 0, held: 30 });
});

test('with a budget of nothing everything is held', () => {
  expect(removalGuard({ max: 0, percent: 0, window: '1h' }, { removedInWindow: 0, population: 100, asked: 1 })).toEqual(
    { allowed: 0, held: 1 },
  );
});

test('nothing is lost between allowed and held, and the bounds are never passed', () => {
  const counts = fc.record({ removedInWindow: fc.nat(1000), population: fc.nat(100_000), asked: fc.nat(10_000) });
  fc.assert(
    fc.property(counts, (found) => {
      const { allowed, held } = removalGuard(budget, found);
      expect(allowed + held).toBe(found.asked);
      const limit = Math.max(50, found.population * 0.05);
      if (allowed > 0) expect(found.removedInWindow + allowed).toBeLessThanOrEqual(limit);
    }),
  );
});
