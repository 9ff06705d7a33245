import { Random } from '@provisor/demo';
import { expect, test } from 'vitest';
import { percentile, summarize } from './percentile.js';
import { repeated } from './repetitions.js';
import { poissonSchedule, zipf } from './schedule.js';

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  expect(summarize(values)).toEqual({ count: 1000, p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
  expect(percentile([7], 99)).toBe(7);
  expect(percentile([], 50)).toBeNaN();
});

test('repetitions have a median and a range', () => {
  expect(repeated([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, values: [3, 1, 2] });
});

test('a schedule has the rate that was asked for, in order, and is the same for the same seed', () => {
  const schedule = poissonSchedule(new Random('a'), { perSecond: 200, seconds: 50 });
  expect(schedule.length).toBeGreaterThan(9_500);
  expect(schedule.length).toBeLessThan(10_500);
  expect(schedule).toEqual([...schedule].sort((a, b) => a - b));
  expect(poissonSchedule(new Random('a'), { perSecond: 200, seconds: 50 })).toEqual(schedule);
});

test('the first of a Zipf distribution comes up about twice as often as the second', () => {
  const next = zipf(new Random('z'), 1000);
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 50_000; draw += 1) {
    const number = next();
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  expect(Math.max(...counts.keys())).toBeLessThan(1000);
  expect((counts.get(0) ?? 0) / (counts.get(1) ?? 1)).toBeCloseTo(2, 0);
});
