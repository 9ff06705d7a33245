import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetTracker } from './offset-tracker.js';

describe('OffsetTracker', () => {
  it('commits nothing while the first record is in work', () => {
    const tracker = new OffsetTracker();
    for (const offset of [5n, 6n, 7n]) tracker.add(offset);
    tracker.finish(6n);
    tracker.finish(7n);
    expect(tracker.committable).toBeUndefined();
    tracker.finish(5n);
    expect(tracker.committable).toBe(8n);
    expect(tracker.pending).toBe(0);
  });

  it('takes gaps that compaction left', () => {
    const tracker = new OffsetTracker();
    for (const offset of [1n, 10n, 400n]) tracker.add(offset);
    tracker.finish(1n);
    tracker.finish(10n);
    expect(tracker.committable).toBe(11n);
  });

  it('refuses an offset that does not follow', () => {
    const tracker = new OffsetTracker();
    tracker.add(4n);
    expect(tracker.knows(4n)).toBe(true);
    expect(() => tracker.add(4n)).toThrow(RangeError);
  });

  it('never passes a pending record, never falls, and ends after the last one', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(gaps, fc.infiniteStream(fc.nat()), (steps, choices) => {
        const tracker = new OffsetTracker();
        let next = 0n;
        const offsets = steps.map((step) => (next += BigInt(step)));
        offsets.forEach((offset) => tracker.add(offset));
        const pending = [...offsets];
        const open = new Set(offsets);
        let before = -1n;
        for (const choice of choices) {
          if (pending.length === 0) break;
          const at = choice % Math.min(pending.length, 50);
          const [offset = 0n] = pending.splice(at, 1);
          open.delete(offset);
          tracker.finish(offset);
          const committable = tracker.committable ?? -1n;
          expect(committable).toBeGreaterThanOrEqual(before);
          const oldest = pending[0];
          if (oldest !== undefined) expect(committable).toBeLessThanOrEqual(oldest);
          before = committable;
        }
        expect(tracker.committable).toBe(next + 1n);
      }),
      { numRuns: 50 },
    );
  });
});
