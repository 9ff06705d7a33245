import { expect, test } from 'vitest';
import { checkAccounting, type Topics } from './accounting.js';

const version = { sequence: 1, config: 1 };
const at = { spConnection: 'intranet', objectId: 'o1', version };
const record = (value: object) => ({ value }) as never;
const result = (id: string, outcome: string) =>
  record({ ...at, id, outcome, operation: 'create', terminal: true, code: 'x', finishedAt: '' });
const found = (commands: number, ...results: Topics['results']) =>
  checkAccounting({ commands: Array.from({ length: commands }, () => record(at)), results, deadLetters: [] }).map(
    ({ what }) => what,
  );

test('one terminal result closes the account of a version, also one that a new chance follows', () => {
  expect(found(1, result('a', 'applied'))).toEqual([]);
  expect(found(1, result('a', 'applied'), result('a', 'applied'))).toEqual([]);
  expect(found(1, result('a', 'rejected'))).toEqual([]);
  expect(found(1, result('a', 'rejected'), result('b', 'applied'))).toEqual([]);
});

test('none, two, and one without a command do not close it', () => {
  expect(found(1)).toEqual(['intranet o1 1.1 has 0 terminal results.']);
  expect(found(1, result('a', 'applied'), result('b', 'superseded'))).toHaveLength(1);
  expect(found(0, result('a', 'applied'))).toHaveLength(1);
});

test('a copy of the command may be superseded beside, but not applied again', () => {
  expect(found(2, result('a', 'applied'), result('b', 'superseded'))).toEqual([]);
  expect(found(2, result('a', 'applied'), result('b', 'applied'))).toHaveLength(1);
});
