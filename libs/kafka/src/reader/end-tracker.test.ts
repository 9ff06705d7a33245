import { describe, expect, it } from 'vitest';
import { EndTracker } from './end-tracker.js';

const offsets = (low: number, end: number) => [{ partition: 0, low: BigInt(low), end: BigInt(end) }];

describe('EndTracker', () => {
  it('has nothing to wait for in an empty topic', () => {
    const tracker = new EndTracker();
    tracker.begin(offsets(7, 7));
    expect(tracker.reached(0)).toBe(true);
  });

  it('waits for the record before the end', () => {
    const tracker = new EndTracker();
    tracker.begin(offsets(0, 10));
    tracker.finished(0, 8n);
    expect(tracker.reached(0)).toBe(false);
    tracker.finished(0, 9n);
    expect(tracker.reached(0)).toBe(true);
  });

  it('gives up waiting for a record that compaction removed, but not while one broker has not answered', () => {
    const tracker = new EndTracker();
    tracker.begin(offsets(0, 10));
    tracker.askedBroker(1);
    tracker.askedBroker(2);
    for (let round = 0; round < 20; round += 1) tracker.brokerAnswered(1, round * 250);
    expect(tracker.reached(5000)).toBe(false);
    for (let round = 0; round < 20; round += 1) tracker.brokerAnswered(2, 5000);
    expect(tracker.reached(5000)).toBe(true);
    tracker.sawData();
    expect(tracker.reached(9000)).toBe(false);
  });
});
