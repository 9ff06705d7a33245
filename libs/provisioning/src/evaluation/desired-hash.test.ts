import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { desiredHash } from './desired-hash.js';

test('the order of keys, memberships and names makes no difference', () => {
  const a = desiredHash({ presence: 'active', attributes: { x: 1, y: ['a'] }, memberOf: ['1', '2'] }, ['x', 'y'], []);
  const b = desiredHash({ memberOf: ['2', '1'], attributes: { y: ['a'], x: 1 }, presence: 'active' }, ['y', 'x'], []);
  expect(a).toBe(b);
  expect(a).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  [{ presence: 'disabled' as const }, [], []],
  [{ presence: 'active' as const, memberOf: [] }, [], []],
  [{ presence: 'active' as const, attributes: { x: '1' } }, [], []],
  [{ presence: 'active' as const, attributes: { x: 1 } }, [], []],
  [{ presence: 'active' as const, references: { x: '1' } }, [], []],
  [{ presence: 'active' as const }, ['x'], []],
  [{ presence: 'active' as const }, [], ['x']],
])('%j differs from nothing said', (desired, createOnly, masked) => {
  expect(desiredHash(desired, createOnly, masked)).not.toBe(desiredHash({ presence: 'active' }, [], []));
});

test('canonical JSON is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
