import { expect, test } from 'vitest';
import { LookPace } from './look-pace.js';

const look = (now: number, changes: boolean, tookMs = 2) => ({ now, tookMs, changes });

test('looks often while changes come, and seldom again when they have ended', () => {
  const pace = new LookPace({ intervalMs: 50, busyIntervalMs: 10 });
  expect(pace.pauseAfter(look(0, false))).toBe(50);
  expect(pace.pauseAfter(look(100, true))).toBe(10);
  expect(pace.pauseAfter(look(1_000, false))).toBe(10);
  expect(pace.pauseAfter(look(2_100, false))).toBe(50);
});

test('rests as long as a look takes, and never longer than between two looks at rest', () => {
  const pace = new LookPace({ intervalMs: 50, busyIntervalMs: 10 });
  expect(pace.pauseAfter(look(0, true, 30))).toBe(30);
  expect(pace.pauseAfter(look(0, true, 300))).toBe(50);
});

test('keeps to the interval where that was given', () => {
  expect(new LookPace({ intervalMs: 1_000 }).pauseAfter(look(0, true))).toBe(1_000);
});
