import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveRate } from './adaptive-rate.js';

/** Sends as fast as `most` and the learnt rate allow against a target that bears `bearable` a second. */
function converse(rate: AdaptiveRate, o: { bearable: number; most: number; seconds: number; from?: number }) {
  let now = o.from ?? 0;
  const end = now + o.seconds * 1_000;
  const windows = new Map<number, { sent: number; refused: number }>();
  let tokens = 0;
  while (now < end) {
    const second = Math.floor(now / 1_000);
    const window = windows.get(second) ?? { sent: 0, refused: 0 };
    windows.set(second, window);
    tokens = Math.min(1, tokens + Math.min(o.most, rate.limit(now) ?? Infinity) / 100);
    if (tokens >= 1) {
      tokens -= 1;
      rate.granted(now);
      window.sent += 1;
      if (window.sent > o.bearable) {
        window.refused += 1;
        rate.refused(now);
      }
    }
    now += 10;
  }
  return [...windows.values()];
}

describe('AdaptiveRate', () => {
  it('knows nothing against any rate before a refusal', () => {
    const rate = new AdaptiveRate();
    for (let at = 0; at < 1_000; at += 1) rate.granted(at);
    expect(rate.limit(1_000)).toBeUndefined();
  });

  it('goes below what was sent at a refusal, once for all refusals of a second', () => {
    const rate = new AdaptiveRate();
    for (let at = 0; at < 2_000; at += 20) rate.granted(at);
    for (let at = 2_000; at < 2_500; at += 20) rate.refused(at);
    expect(rate.limit(2_500)).toBeGreaterThan(30);
    expect(rate.limit(2_500)).toBeLessThan(40);
  });

  it('finds a rate that the target bears, uses most of it, and is refused ever more rarely', () => {
    const seconds = converse(new AdaptiveRate(), { bearable: 20, most: 100, seconds: 600 });
    const part = (from: number, to: number) => {
      const window = seconds.slice(from, to);
      const sum = (pick: 'sent' | 'refused') => window.reduce((total, one) => total + one[pick], 0);
      return { use: sum('sent') / (window.length * 20), refused: sum('refused') / sum('sent') };
    };
    expect(part(30, 300).use).toBeGreaterThan(0.8);
    expect(part(300, 600).refused).toBeLessThan(0.01);
  });

  it('learns nothing from a target that refuses everything, and gives it the full rate when it is back', () => {
    const rate = new AdaptiveRate();
    for (let at = 0; at < 2_000; at += 50) rate.granted(at);
    for (let at = 2_000; at < 182_000; at += 30_000) {
      rate.granted(at);
      rate.refused(at);
    }
    expect(rate.limit(182_000)).toBeUndefined();
  });

  it('forgets a limit that is no longer there', () => {
    const rate = new AdaptiveRate();
    converse(rate, { bearable: 5, most: 100, seconds: 20 });
    converse(rate, { bearable: 1_000, most: 100, seconds: 600, from: 20_000 });
    expect(rate.limit(620_000)).toBeUndefined();
  });

  it('never stops altogether and never gives a rate above what it was before the refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat(3_000), refused: fc.boolean() }), { maxLength: 60 }), (steps) => {
        const rate = new AdaptiveRate();
        let now = 0;
        for (const { wait, refused } of steps) {
          now += wait;
          for (let i = 0; i < 12; i += 1) rate.granted(now);
          const before = rate.limit(now);
          if (refused) rate.refused(now);
          const after = rate.limit(now);
          if (after !== undefined) expect(after).toBeGreaterThanOrEqual(0.1);
          if (refused && before !== undefined && after !== undefined) expect(after).toBeLessThanOrEqual(before);
        }
      }),
    );
  });
});
