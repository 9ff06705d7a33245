import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyLimit } from './latency-limit.js';

/** A target that works on `workers` calls at once, `serviceMs` each; more of them wait. */
function work(limit: LatencyLimit, o: { workers: number; serviceMs: number; calls: number }): void {
  for (let call = 0; call < o.calls; call += 1) {
    const inFlight = limit.limit;
    limit.observe(o.serviceMs * Math.max(1, inFlight / o.workers), inFlight);
  }
}

describe('LatencyLimit', () => {
  it('leaves a target alone whose latency does not change, however long it is', () => {
    const limit = new LatencyLimit(64);
    work(limit, { workers: 1_000, serviceMs: 400, calls: 2_000 });
    expect(limit.limit).toBe(64);
  });

  it('does not take the jitter of a fast target for a queue', () => {
    const limit = new LatencyLimit(16);
    for (let call = 0; call < 2_000; call += 1) limit.observe(call % 10 === 0 ? 40 : 2, 16);
    expect(limit.limit).toBe(16);
  });

  it('gives a target that becomes slow fewer calls, and all of them when it has recovered', () => {
    const limit = new LatencyLimit(64);
    work(limit, { workers: 64, serviceMs: 60, calls: 500 });
    for (let call = 0; call < 60; call += 1) limit.observe(2_000, limit.limit);
    expect(limit.limit).toBeLessThan(40);
    work(limit, { workers: 64, serviceMs: 60, calls: 2_000 });
    expect(limit.limit).toBe(64);
  });

  it('judges by many calls at once alone', () => {
    const limit = new LatencyLimit(64);
    work(limit, { workers: 64, serviceMs: 60, calls: 500 });
    for (let call = 0; call < 60; call += 1) limit.observe(2_000, 2);
    expect(limit.limit).toBe(64);
  });

  it('is always between an eighth of the ceiling and the ceiling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.nat(60_000), { maxLength: 300 }),
        (ceiling, latencies) => {
          const limit = new LatencyLimit(ceiling);
          for (const ms of latencies) {
            limit.observe(ms, limit.limit);
            expect(limit.limit).toBeLessThanOrEqual(ceiling);
            expect(limit.limit).toBeGreaterThanOrEqual(Math.max(1, Math.floor(ceiling / 8)));
          }
        },
      ),
    );
  });
});
