import type { LedgerEntry } from '@provisor/testing';
import { expect, test } from 'vitest';
import { checkRate } from './target-checks.js';

const entry = (o: Partial<LedgerEntry>): LedgerEntry =>
  ({ method: 'PATCH', path: '/Users/t', key: 't', status: 200, effect: 'updated', time: 0, ...o }) as LedgerEntry;
const many = (count: number, o: (index: number) => Partial<LedgerEntry>): LedgerEntry[] =>
  Array.from({ length: count }, (_, index) => entry(o(index)));

test('more requests in ten seconds than the limit and two bursts are too many', () => {
  const limit = { perSecond: 1, burst: 5 };
  expect(
    checkRate(
      'wiki',
      many(20, (index) => ({ time: index * 100 })),
      limit,
    ),
  ).toEqual([]);
  expect(
    checkRate(
      'wiki',
      many(21, (index) => ({ time: index * 100 })),
      limit,
    ),
  ).toHaveLength(1);
});
