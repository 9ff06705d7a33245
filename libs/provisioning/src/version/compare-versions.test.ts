import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from './compare-versions.js';

const version = fc.record({ sequence: fc.nat(5), config: fc.nat(5) });

test('a higher sequence is newer, whatever the configuration', () => {
  expect(compareVersions({ sequence: 2, config: 1 }, { sequence: 1, config: 9 })).toBeGreaterThan(0);
});

test('within a sequence the higher configuration is newer', () => {
  expect(compareVersions({ sequence: 2, config: 1 }, { sequence: 2, config: 2 })).toBeLessThan(0);
});

test('the order of versions is total', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      expect(compareVersions(a, b) === 0).toBe(a.sequence === b.sequence && a.config === b.config);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});
