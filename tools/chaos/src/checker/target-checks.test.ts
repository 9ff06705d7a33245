import type { LedgerEntry } from '@provisor/testing';
import { expect, test } from 'vitest';
import { checkRate, checkRedundancy } from './target-checks.js';

const entry = (o: Partial<LedgerEntry>): LedgerEntry =>
  ({ method: 'PATCH', path: '/Users/t', key: 't', status: 200, effect: 'updated', time: 0, ...o }) as LedgerEntry;
const many = (count: number, o: (index: number) => Partial<LedgerEntry>): LedgerEntry[] =>
  Array.from({ length: count }, (_, index) => entry(o(index)));

test('writes that change nothing are few, but for accounts whose last answer was lost', () => {
  const useful = many(200, (index) => ({ key: `u${index}` }));
  const idle = many(20, (index) => ({ key: `i${index}`, effect: 'none' }));
  expect(checkRedundancy('intranet', [...useful, ...idle])).toHaveLength(1);
  const lost = many(20, (index) => ({
    method: 'POST',
    key: 'o',
    createdId: `i${index}`,
    status: 0,
    effect: 'created',
  }));
  expect(checkRedundancy('intranet', [...useful, ...lost, ...idle])).toEqual([]);
});

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
