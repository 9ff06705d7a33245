import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '@provisor/testing';
import { ScopeWaits, TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('grants at once without a limit', async () => {
    const bucket = new TokenBucket({ clock: new FakeClock() });
    await bucket.acquire('bulk', 'sp');
  });

  it('never grants more than rate and burst allow', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ requestsPerSecond: 10, burst: 3, clock });
    const grants: number[] = [];
    const start = clock.now();
    for (let i = 0; i < 40; i += 1) void bucket.acquire('bulk', 'sp').then(() => grants.push(clock.now() - start));
    await clock.advance(3_000);
    expect(grants.length).toBeGreaterThanOrEqual(29);
    expect(grants.length).toBeLessThanOrEqual(30 + 3);
    for (const [index, at] of grants.entries()) expect(at).toBeGreaterThanOrEqual((index + 1 - 3) * 100 - 1);
  });

  it('saves up a burst in a quiet time', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ requestsPerSecond: 1, burst: 5, clock });
    await clock.advance(60_000);
    let granted = 0;
    for (let i = 0; i < 10; i += 1) void bucket.acquire('bulk', 'sp').then(() => (granted += 1));
    await settled();
    expect(granted).toBe(5);
  });

  it('stays below what the target refused, without a burst, and comes back when it is calm', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ requestsPerSecond: 50, burst: 50, clock });
    let granted = 0;
    const ask = (count: number) => {
      for (let i = 0; i < count; i += 1) void bucket.acquire('bulk', 'sp').then(() => (granted += 1));
    };
    ask(2_000);
    await clock.advance(2_000);
    bucket.refused();
    granted = 0;
    await clock.advance(4_000);
    expect(granted).toBeGreaterThan(4 * 25);
    expect(granted).toBeLessThan(4 * 46);
    await clock.advance(60_000);
    expect(bucket.rate).toBe(50);
  });

  it('serves the more urgent lane first', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ requestsPerSecond: 1, burst: 1, clock });
    const order: string[] = [];
    for (const lane of ['bulk', 'bulk', 'delta', 'leaver'] as const)
      void bucket.acquire(lane, 'sp').then(() => order.push(lane));
    await clock.advance(4_000);
    expect(order).toEqual(['leaver', 'delta', 'bulk', 'bulk']);
  });

  it('sits out a short pause and throws out whoever would wait long', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ clock });
    bucket.pauseUntil(clock.now() + 500);
    let granted = false;
    void bucket.acquire('delta', 'sp').then(() => (granted = true));
    await clock.advance(499);
    expect(granted).toBe(false);
    await clock.advance(2);
    expect(granted).toBe(true);

    bucket.pauseUntil(clock.now() + 30_000);
    await expect(bucket.acquire('delta', 'sp')).rejects.toBeInstanceOf(ScopeWaits);
    await clock.advance(30_000);
    await bucket.acquire('delta', 'sp');
  });

  it('lets no earlier end shorten a pause', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ clock });
    const until = clock.now() + 30_000;
    bucket.pauseUntil(until);
    bucket.pauseUntil(clock.now() + 10);
    expect(bucket.pausedUntil).toBe(until);
  });
});
