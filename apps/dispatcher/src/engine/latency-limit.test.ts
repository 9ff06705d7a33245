import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyLimit } from './latency-limit.js';

/** A target that works on `workers` calls at once, `serviceMs` each; more of them wait. Calls are made as soon as they may be. */
function work(
  limit: LatencyLimit,
  o: { workers: number; serviceMs: number | ((call: number) => number); calls: number },
): void {
  const inFlight: number[] = [];
  for (let call = 0; call < o.calls; call += 1) {
    const serviceMs = typeof o.serviceMs === 'number' ? o.serviceMs : o.serviceMs(call);
    while (inFlight.length < limit.limit) inFlight.push(serviceMs * Math.max(1, (inFlight.length + 1) / o.workers));
    const answered = inFlight.length;
    limit.observe(inFlight.shift() ?? 0, answered);
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

  it('gives all calls again soon to a target that is slower than before, however many it gets', () => {
    const limit = new LatencyLimit(100);
    work(limit, { workers: 1_000, serviceMs: 2, calls: 500 });
    work(limit, { workers: 1_000, serviceMs: 100, calls: 60 });
    expect(limit.limit).toBe(50);
    work(limit, { workers: 1_000, serviceMs: 100, calls: 140 });
    expect(limit.limit).toBe(100);
  });

  it('does not leave a target at the fewest calls that has become slow unsteadily, as while its dispatcher is busy', () => {
    const limit = new LatencyLimit(100);
    work(limit, { workers: 1_000, serviceMs: 2, calls: 500 });
    work(limit, { workers: 1_000, serviceMs: (call) => (call % 50 < 10 ? 400 : 100), calls: 1_000 });
    expect(limit.limit).toBe(100);
  });

  it('keeps the calls of a target few that has a queue', () => {
    const limit = new LatencyLimit(64);
    work(limit, { workers: 64, serviceMs: 60, calls: 500 });
    work(limit, { workers: 8, serviceMs: 60, calls: 400 });
    expect(limit.limit).toBeLessThan(32);
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
