import { describe, expect, it } from 'vitest';
import { ProgressWatchdog } from './progress-watchdog.js';

const at = (end: number, position: number, paused = false) => ({
  id: 't/0',
  end: BigInt(end),
  position: BigInt(position),
  paused,
});

describe('ProgressWatchdog', () => {
  it('leaves a consumer alone that has read everything', () => {
    const watchdog = new ProgressWatchdog(100);
    expect([0, 1000, 2000].map((now) => watchdog.observe(now, [at(5, 5)]))).toEqual(['fine', 'fine', 'fine']);
  });

  it('leaves a slow consumer alone as long as it moves', () => {
    const watchdog = new ProgressWatchdog(100);
    expect([0, 1, 2, 3].map((step) => watchdog.observe(step * 90, [at(50, step)]))).not.toContain('recreate');
  });

  it('leaves a consumer alone whose intake is paused', () => {
    const watchdog = new ProgressWatchdog(100);
    expect([0, 500].map((now) => watchdog.observe(now, [at(50, 1, true)]))).toEqual(['fine', 'fine']);
  });

  it('asks for a new consumer at the first stall and gives up at the second', () => {
    const watchdog = new ProgressWatchdog(100);
    const verdicts = [0, 50, 100, 150, 250].map((now) => watchdog.observe(now, [at(50, 1)]));
    expect(verdicts).toEqual(['fine', 'fine', 'recreate', 'fine', 'unhealthy']);
  });

  it('begins to count anew once something moved', () => {
    const watchdog = new ProgressWatchdog(100);
    for (const now of [0, 100]) watchdog.observe(now, [at(50, 1)]);
    for (const now of [110, 120]) watchdog.observe(now, [at(50, now)]);
    watchdog.observe(130, [at(500, 120)]);
    watchdog.observe(140, [at(500, 121)]);
    expect(watchdog.observe(240, [at(500, 121)])).toBe('recreate');
  });
});
