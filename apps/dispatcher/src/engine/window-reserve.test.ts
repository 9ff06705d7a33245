import { describe, expect, it } from 'vitest';
import type { Reservation, WindowRule } from '@provisor/persistence';
import { FakeClock, settled } from '@provisor/testing';
import { TokenBucket, ScopeWaits } from './token-bucket.js';
import { WindowReserve } from './window-reserve.js';

const HOUR = 3_600_000;

/** Counts like the table does, in memory, and notes what it was asked. */
class Ledger {
  readonly asked: number[] = [];
  readonly spent: { readonly slice: number; readonly used: number }[] = [];
  failing = false;

  async reserve(_scope: string, rule: WindowRule, want: number, now: number): Promise<Reservation> {
    if (this.failing) throw new Error('The database is away.');
    this.asked.push(want);
    const sliceMs = rule.perMs / 60;
    const slice = Math.floor(now / sliceMs);
    const counted = this.spent.filter((one) => one.slice >= slice - 60);
    const granted = Math.min(want, Math.max(0, rule.requests - counted.reduce((sum, one) => sum + one.used, 0)));
    const until = (slice + 1) * sliceMs;
    if (granted === 0) return { granted, until, retryAt: ((counted[0]?.slice ?? slice) + 61) * sliceMs };
    this.spent.push({ slice, used: granted });
    return { granted, until };
  }
}

function bucketOver(ledger: Ledger, clock: FakeClock, rules: readonly WindowRule[]): TokenBucket {
  const windows = new WindowReserve({
    scope: 'org',
    store: ledger,
    now: () => clock.now(),
    changed: () => bucket.serve(),
    exhausted: (until) => bucket.pauseUntil(until),
  });
  windows.configure(rules);
  const bucket: TokenBucket = new TokenBucket({ clock, windows });
  return bucket;
}

describe('WindowReserve', () => {
  it('lets no span of the window have more than its requests, and asks for shares, not for each', async () => {
    const clock = new FakeClock();
    const ledger = new Ledger();
    const bucket = bucketOver(ledger, clock, [{ requests: 1_000, perMs: HOUR }]);
    const grants: number[] = [];
    for (let minute = 0; minute < 180; minute += 1) {
      for (let i = 0; i < 30; i += 1)
        void bucket.acquire('bulk', 'sp').then(
          () => grants.push(clock.now()),
          () => undefined,
        );
      await clock.advance(60_000);
    }
    for (const at of grants)
      expect(grants.filter((one) => one >= at && one < at + HOUR).length).toBeLessThanOrEqual(1_000);
    expect(grants.length).toBeGreaterThan(2_700);
    expect(ledger.asked.length).toBeLessThan(grants.length / 3);
  });

  it('throws out whoever would wait long, with the instant at which there is more', async () => {
    const clock = new FakeClock();
    const bucket = bucketOver(new Ledger(), clock, [{ requests: 2, perMs: HOUR }]);
    const start = clock.now();
    await Promise.all([bucket.acquire('bulk', 'sp'), bucket.acquire('bulk', 'sp')]);
    const third = await bucket.acquire('bulk', 'sp').catch((error: unknown) => error);
    expect(third).toBeInstanceOf(ScopeWaits);
    expect((third as ScopeWaits).until).toBeGreaterThan(start + HOUR);
    expect((third as ScopeWaits).until).toBeLessThanOrEqual(start + HOUR + 2 * 60_000);
  });

  it('sends nothing while nothing can be written down', async () => {
    const clock = new FakeClock();
    const ledger = new Ledger();
    ledger.failing = true;
    const bucket = bucketOver(ledger, clock, [{ requests: 100, perMs: HOUR }]);
    let granted = false;
    void bucket.acquire('leaver', 'sp').then(() => (granted = true));
    await clock.advance(5_000);
    expect(granted).toBe(false);
    ledger.failing = false;
    await clock.advance(2_000);
    await settled();
    expect(granted).toBe(true);
  });
});
