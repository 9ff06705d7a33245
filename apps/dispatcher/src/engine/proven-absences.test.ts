import { describe, expect, test } from 'vitest';
import { ProvenAbsences } from './proven-absences.js';

const request = (objectId: string, userName: string) => ({
  objectType: 'user' as const,
  objectId,
  attributes: { userName },
});

function absences() {
  const clock = { now: 0 };
  const proven = new ProvenAbsences({
    connector: { matchKeysOf: ({ attributes }) => [JSON.stringify(attributes['userName'])] },
    now: () => clock.now,
  });
  return { proven, clock };
}

describe('ProvenAbsences', () => {
  test('believes a listing for the names that it was searched for, and for a while', () => {
    const { proven, clock } = absences();
    proven.replace([request('a', 'anna')]);
    expect(proven.has(request('a', 'anna'))).toBe(true);
    expect(proven.has(request('a', 'anne'))).toBe(false);
    expect(proven.has(request('b', 'anna'))).toBe(false);
    clock.now = 15 * 60_000;
    expect(proven.has(request('a', 'anna'))).toBe(false);
  });

  test('forgets what an earlier listing proved', () => {
    const { proven } = absences();
    proven.replace([request('a', 'anna')]);
    proven.replace([request('b', 'bert')]);
    expect(proven.has(request('a', 'anna'))).toBe(false);
    expect(proven.has(request('b', 'bert'))).toBe(true);
  });
});
