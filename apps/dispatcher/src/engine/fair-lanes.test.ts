import { expect, test } from 'vitest';
import { FairLanes } from './fair-lanes.js';

test('owners take turns, each in the order in which its own came', () => {
  const lanes = new FairLanes<string>();
  for (const item of ['a1', 'a2', 'a3', 'a4']) lanes.push('delta', 'a', item);
  for (const item of ['b1', 'b2']) lanes.push('delta', 'b', item);
  expect(Array.from({ length: 6 }, () => lanes.shift('delta'))).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
  expect(lanes.shift('delta')).toBeUndefined();
  expect(lanes.has('delta')).toBe(false);
});

test('one that comes back after each turn gets every other turn beside one with many', () => {
  const lanes = new FairLanes<string>();
  for (let n = 0; n < 10; n += 1) lanes.push('bulk', 'many', 'many');
  lanes.push('bulk', 'one', 'one');
  const turns: (string | undefined)[] = [];
  for (let n = 0; n < 8; n += 1) {
    turns.push(lanes.shift('bulk'));
    if (turns.at(-1) === 'one') lanes.push('bulk', 'one', 'one');
  }
  expect(turns.filter((turn) => turn === 'one')).toHaveLength(4);
});

test('lanes are apart, and counted and emptied together', () => {
  const lanes = new FairLanes<string>();
  lanes.push('bulk', 'a', 'late');
  lanes.push('leaver', 'b', 'urgent');
  expect([lanes.size, lanes.has('leaver'), lanes.has('interactive')]).toEqual([2, true, false]);
  expect(lanes.drain()).toEqual(['urgent', 'late']);
  expect([lanes.size, lanes.has('bulk')]).toEqual([0, false]);
});
