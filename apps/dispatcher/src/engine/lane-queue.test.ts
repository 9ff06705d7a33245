import { describe, expect, it } from 'vitest';
import { LaneQueue } from './lane-queue.js';

describe('LaneQueue', () => {
  it('serves a lane in the order of arrival', () => {
    const queue = new LaneQueue();
    for (const key of ['a', 'b', 'c']) queue.add(key, 'bulk');
    expect([queue.take('bulk'), queue.take('bulk'), queue.take('bulk'), queue.take('bulk')]).toEqual([
      'a',
      'b',
      'c',
      undefined,
    ]);
  });

  it('moves a key to a more urgent lane and never back', () => {
    const queue = new LaneQueue();
    queue.add('a', 'bulk');
    queue.add('a', 'leaver');
    queue.add('a', 'delta');
    expect(queue.size).toBe(1);
    expect(queue.take('bulk')).toBeUndefined();
    expect(queue.take('delta')).toBeUndefined();
    expect(queue.take('leaver')).toBe('a');
  });

  it('keeps the place of a key that comes again', () => {
    const queue = new LaneQueue();
    queue.add('a', 'delta');
    queue.add('b', 'delta');
    queue.add('a', 'delta');
    expect(queue.take('delta')).toBe('a');
  });
});
