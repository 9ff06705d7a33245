import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkSize, MOST_CHANGES } from './chunk-size.js';

/** Sizes of the looks into a mass change whose reading costs so many milliseconds a change, and so many a look. */
function looks(count: number, cost: { perChange: number; perLook: number }): number[] {
  const chunk = new ChunkSize();
  return Array.from({ length: count }, () => {
    const size = chunk.present;
    chunk.read(cost.perLook + size * cost.perChange, 10_000);
    return size;
  });
}

describe('the size of a chunk', () => {
  test('grows while the directory is quick', () => {
    expect(looks(4, { perChange: 0.05, perLook: 2 })).toEqual([50, 100, 200, 200]);
  });

  test('falls where it is slow, at once and not below what is worth a look', () => {
    expect(looks(3, { perChange: 8, perLook: 50 })).toEqual([50, 25, 25]);
  });

  test('comes to rest where reading takes about as long as wanted, whatever a change costs', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.25, max: 1.25, noNaN: true }), (perChange) => {
        const took = 3 + (looks(50, { perChange, perLook: 3 }).at(-1) ?? 0) * perChange;
        expect(took).toBeGreaterThan(30);
        expect(took).toBeLessThan(50);
      }),
    );
  });

  test('stays between its bounds, whatever is measured', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.nat(1_000)), { maxLength: 30 }), (steps) => {
        const chunk = new ChunkSize();
        for (const [tookMs, behind] of steps) {
          chunk.read(tookMs, behind);
          expect(chunk.present).toBeGreaterThanOrEqual(25);
          expect(chunk.present).toBeLessThanOrEqual(MOST_CHANGES);
        }
      }),
    );
  });

  test('is as at first again when nothing was left', () => {
    const chunk = new ChunkSize();
    chunk.read(10, 500);
    expect(chunk.present).toBe(100);
    chunk.read(10, 0);
    expect(chunk.present).toBe(50);
  });
});
