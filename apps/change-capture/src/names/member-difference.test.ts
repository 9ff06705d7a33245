import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberDifference } from './member-difference.js';

const keys = fc.array(fc.integer({ min: 0, max: 20 }).map(String));

describe('memberDifference', () => {
  it('leads from before to after, and is empty only if nothing changed', () => {
    fc.assert(
      fc.property(keys, keys, (before, after) => {
        const { added, removed } = memberDifference(before, after);
        const result = new Set([...before.filter((key) => !removed.includes(key)), ...added]);
        expect(result).toEqual(new Set(after));
        expect(added.some((key) => before.includes(key)) || removed.some((key) => after.includes(key))).toBe(false);
        expect(new Set([...added, ...removed]).size).toBe(added.length + removed.length);
      }),
    );
  });
});
