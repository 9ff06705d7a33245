import { expect, test } from 'vitest';
import { mark } from '../target/mark.js';
import type { TargetRequest } from '../target/target-process.js';
import { arrivalsOf, steadyRate } from './marked-changes.js';

const write = (number: number, time: number, more: Partial<TargetRequest> = {}): TargetRequest => ({
  ...{ time, answeredAt: time + 5, method: 'PATCH', path: '/Users/1', key: '1', status: 200, effect: 'updated' },
  ...{ bytes: 1, createdId: '', marks: [mark(number)] },
  ...more,
});
const change = (number: number, object: string, dueAt: number) => ({ number, object, dueAt });

test('a folded change arrives with the later one that replaced it', () => {
  const changes = [change(1, 'a', 100), change(2, 'a', 110), change(3, 'b', 120)];
  const { arrived, lost, disorder } = arrivalsOf(changes, [write(2, 150), write(3, 160)]);
  expect(arrived.map(({ latencyMs }) => latencyMs)).toEqual([55, 45, 45]);
  expect(lost).toEqual([]);
  expect(disorder).toEqual([]);
});

test('stale, simultaneous, repeated and missing writes are told', () => {
  const changes = [change(1, 'a', 0), change(2, 'a', 0), change(3, 'b', 0), change(4, 'c', 0)];
  const ledger = [write(2, 10), write(1, 20), write(3, 30), write(3, 32), write(4, 40, { status: 429 })];
  const { lost, disorder, repeated } = arrivalsOf(changes, ledger);
  expect(lost).toEqual([changes[3]]);
  expect(disorder).toEqual(['a: 1 after 2', 'b: 3 began before 3 was answered']);
  expect(repeated).toBe(1);
});

test('the steady rate leaves out start and end', () => {
  const requests = Array.from({ length: 100 }, (_, index) => write(index, index * 10));
  expect(steadyRate([...requests, write(100, 60_000)])).toBeCloseTo(100, 0);
});
