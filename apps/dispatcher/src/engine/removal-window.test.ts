import { describe, expect, it } from 'vitest';
import { RemovalWindow } from './removal-window.js';

const NOW = 1_700_000_000_000;
const budget = { max: 3, percent: 10, window: '1h' };

describe('RemovalWindow', () => {
  it('stops when both bounds are exceeded, and not before', () => {
    const window = new RemovalWindow(new Map(), 100);
    for (let i = 0; i < 10; i += 1) {
      expect(window.allows(`o${i}`, budget, NOW)).toBe(true);
      window.count(`o${i}`, NOW);
    }
    expect(window.allows('o10', budget, NOW)).toBe(false);
  });

  it('uses the number where the share is smaller', () => {
    const window = new RemovalWindow(
      new Map([
        ['a', NOW],
        ['b', NOW],
        ['c', NOW],
      ]),
      5,
    );
    expect(window.allows('d', budget, NOW)).toBe(false);
  });

  it('forgets removals when they leave the window', () => {
    const window = new RemovalWindow(
      new Map([
        ['a', NOW],
        ['b', NOW],
        ['c', NOW],
      ]),
      5,
    );
    expect(window.allows('d', budget, NOW + 3_600_001)).toBe(true);
  });

  it('counts a removal that is tried again once', () => {
    const window = new RemovalWindow(
      new Map([
        ['a', NOW],
        ['b', NOW],
        ['c', NOW],
      ]),
      5,
    );
    expect(window.allows('a', budget, NOW)).toBe(true);
  });
});
