import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.js';

const NOW = 1_000_000;
function opened(): Breaker {
  const breaker = new Breaker({ threshold: 3, initialMs: 1_000, maxMs: 4_000 });
  for (let i = 0; i < 3; i += 1) breaker.failed(breaker.began(NOW), NOW, 0.99);
  return breaker;
}

describe('Breaker', () => {
  it('opens after systemic failures in a row only', () => {
    const breaker = new Breaker({ threshold: 3 });
    breaker.failed(false, NOW, 0);
    breaker.failed(false, NOW, 0);
    breaker.succeeded(false);
    breaker.failed(false, NOW, 0);
    breaker.failed(false, NOW, 0);
    expect(breaker.state(NOW)).toBe('closed');
    expect(breaker.failed(false, NOW, 0)).toBe(true);
    expect(breaker.admits(NOW)).toBe(false);
  });

  it('lets one probe through when its time has come', () => {
    const breaker = opened();
    expect(breaker.state(NOW + 1_000)).toBe('half-open');
    expect(breaker.admits(NOW + 1_000)).toBe(true);
    expect(breaker.began(NOW + 1_000)).toBe(true);
    expect(breaker.admits(NOW + 1_000)).toBe(false);
  });

  it('closes with a good probe and not with an answer from before', () => {
    const breaker = opened();
    expect(breaker.succeeded(false)).toBe(false);
    expect(breaker.state(NOW)).toBe('open');
    const probe = breaker.began(NOW + 1_000);
    expect(breaker.succeeded(probe)).toBe(true);
    expect(breaker.state(NOW + 1_000)).toBe('closed');
  });

  it('waits twice as long after each bad probe, up to its bound', () => {
    const breaker = opened();
    let now = NOW;
    const spans: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const until = breaker.openUntil ?? 0;
      spans.push(until - now);
      now = until;
      breaker.failed(breaker.began(now), now, 0.999_999);
    }
    expect(spans.map((span) => Math.round(span / 100) * 100)).toEqual([1_000, 2_000, 4_000, 4_000]);
  });

  it('serves a service provider that is well again within ten seconds', () => {
    const breaker = new Breaker();
    let now = NOW;
    let longest = 0;
    for (let i = 0; i < 20; i += 1) {
      breaker.failed(breaker.began(now), now, 0.999_999);
      const until = breaker.openUntil ?? now;
      longest = Math.max(longest, until - now);
      now = until;
    }
    expect(longest).toBeGreaterThan(5_000);
    expect(longest).toBeLessThan(9_000);
  });

  it('allows another probe after one that told nothing', () => {
    const breaker = opened();
    breaker.undecided(breaker.began(NOW + 2_000));
    expect(breaker.admits(NOW + 2_000)).toBe(true);
  });
});
