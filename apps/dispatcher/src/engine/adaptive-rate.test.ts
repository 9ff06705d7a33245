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
    expect(rate.limit(2_500)).toBeLessThan(37);
  });

  it('finds a rate that the target bears and uses most of it', () => {
    const seconds = converse(new AdaptiveRate(), { bearable: 20, most: 100, seconds: 120 }).slice(30);
    const sent = seconds.reduce((sum, one) => sum + one.sent, 0);
    const refused = seconds.reduce((sum, one) => sum + one.refused, 0);
    expect(refused / sent).toBeLessThan(0.05);
    expect(sent / (seconds.length * 20)).toBeGreaterThan(0.6);
  });

  it('forgets a limit that is no longer there', () => {
    const rate = new AdaptiveRate();
    converse(rate, { bearable: 5, most: 100, seconds: 20 });
    converse(rate, { bearable: 1_000, most: 100, seconds: 300, from: 20_000 });
    expect(rate.limit(320_000)).toBeUndefined();
  });

  it('never stops altogether and never gives a rate above what it was before the refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat(3_000), refused: fc.boolean() }), { maxLength: 60 }), (steps) => {
        const rate = new AdaptiveRate();
        let now = 0;
        for (const { wait, refused } of steps) {
          now += wait;
          rate.granted(now);
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
