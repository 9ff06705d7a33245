import type { LedgerEntry } from '@provisor/testing';
import { expect, test } from 'vitest';
import { MASKED_PATH } from '../world/documents.js';
import { checkIdleWrites } from './idle-writes.js';

const entry = (o: Partial<LedgerEntry>): LedgerEntry =>
  ({
    method: 'PATCH',
    path: '/Users/t',
    key: 't',
    status: 200,
    effect: 'updated',
    time: 0,
    answeredAt: 0,
    ...o,
  }) as LedgerEntry;
const many = (count: number, o: (index: number) => Partial<LedgerEntry>): LedgerEntry[] =>
  Array.from({ length: count }, (_, index) => entry(o(index)));
const patchOf = (...paths: string[]): string =>
  JSON.stringify({ Operations: paths.map((path) => ({ op: 'replace', path, value: 'v' })) });

const useful = many(200, (index) => ({ key: `u${index}` }));
const created = many(20, (index) => ({ method: 'POST', key: 'o', createdId: `i${index}`, effect: 'created' }));
const lost = created.map((one) => ({ ...one, status: 0 }));
const idle = (...paths: string[]) =>
  many(20, (index) => ({ key: `i${index}`, effect: 'none', body: patchOf(...paths) }));
const found = (...entries: LedgerEntry[]): number => checkIdleWrites('intranet', entries).length;

test('writes that change nothing are few', () => {
  expect(found(...useful, ...idle('title').slice(0, 10))).toBe(0);
  expect(found(...useful, ...idle('title'))).toBe(1);
});

test('after a lost answer masked values may be written once more, and nothing else', () => {
  expect(found(...useful, ...lost, ...idle(MASKED_PATH))).toBe(0);
  expect(found(...useful, ...lost, ...idle('title'))).toBe(1);
  expect(found(...useful, ...lost, ...idle('title', MASKED_PATH))).toBe(1);
  expect(found(...useful, ...created, ...idle(MASKED_PATH))).toBe(1);
  expect(found(...useful, ...lost, ...idle(MASKED_PATH), ...idle(MASKED_PATH))).toBe(1);
});

test('an answer is lost as well where it was spoilt, or the way back was bad', () => {
  const spoilt = created.map((one) => ({ ...one, lost: true }));
  expect(found(...useful, ...spoilt, ...idle(MASKED_PATH))).toBe(0);
  expect(checkIdleWrites('intranet', [...useful, ...created, ...idle(MASKED_PATH)], () => true)).toEqual([]);
});
