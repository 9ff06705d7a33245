import { describe, expect, it } from 'vitest';
import { user } from '../examples.fixture.js';
import { newestChanges } from './source-change.js';

const record = (id: string, sequence: number, tombstone = false) => ({
  topic: 'identity.changes.v1',
  partition: 0,
  offset: BigInt(sequence),
  key: `corp:${id}`,
  value: tombstone ? null : user(id, sequence),
  headers: {},
  timestamp: 0,
});

describe('newestChanges', () => {
  it('keeps the newest change of each object, in order, without tombstones', () => {
    const records = [record('a', 1), record('b', 1), record('a', 3), record('a', 2), record('c', 1, true)];
    expect(newestChanges(records).map(({ change }) => `${change.objectId}${change.sequence}`)).toEqual(['b1', 'a3']);
  });

  it('tells whether older versions were left out, and takes a repetition for none', () => {
    const records = [record('a', 1), record('a', 2), record('b', 4), record('b', 3), record('c', 1), record('c', 1)];
    expect(newestChanges(records).map(({ change, folds }) => [change.objectId, folds])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
  });
});
