import type { LedgerEntry } from '@provisor/testing';
import { expect, test } from 'vitest';
import { titleOf, Truth } from '../workload/truth.js';
import { checkOrder } from './order.js';

const PERSON = {
  entryUuid: 'o1',
  dn: 'uid=a,ou=people',
  uid: 'a',
  givenName: 'Ada',
  familyName: 'Byron',
  mail: 'a@corp.example',
  employeeNumber: '1',
  employeeType: 'staff',
  department: 'Engineering',
  title: titleOf(0),
  enabled: true,
} as const;

function truth(): Truth {
  const known = new Truth({ people: [PERSON], groups: [] });
  const person = known.people.get('o1')!;
  for (const revision of [1, 2])
    known.announce(person, { ...PERSON, title: titleOf(revision), enabled: revision === 1 }, revision);
  Object.assign(person, { revision: 2 });
  return known;
}

let sequence = 0;
const entry = (o: Partial<LedgerEntry>): LedgerEntry =>
  ({
    sequence: (sequence += 1),
    time: sequence * 100,
    ended: sequence * 100 + 50,
    path: '/Users/t1',
    key: 't1',
    status: 200,
    effect: 'updated',
    ...o,
  }) as LedgerEntry;
const create = (): LedgerEntry =>
  entry({
    method: 'POST',
    path: '/Users',
    key: 'o1',
    createdId: 't1',
    effect: 'created',
    body: JSON.stringify({ userName: 'a', active: true, title: 'r0' }),
  });
const patch = (value: object, o: Partial<LedgerEntry> = {}): LedgerEntry =>
  entry({ method: 'PATCH', body: JSON.stringify({ Operations: [{ op: 'replace', value }] }), ...o });
const remove = (): LedgerEntry => entry({ method: 'DELETE', effect: 'deleted' });

const found = (entries: LedgerEntry[], known = truth()) =>
  checkOrder({ spConnection: 'intranet', entries, truth: known }).map(({ invariant }) => invariant);

test('writes that follow the source, with some left out, are in order', () => {
  expect(found([create(), patch({ title: 'r2', active: false })])).toEqual([]);
});

test('an older state after a newer one, and an overlap, are found', () => {
  expect(found([create(), patch({ title: 'r2', active: false }), patch({ title: 'r1', active: true })])).toEqual([
    'I3',
  ]);
  const first = create();
  expect(found([first, patch({ title: 'r1' }, { time: (first.ended ?? 0) - 10 })])).toEqual(['I3']);
});

test('a second account, a write after the removal, and what nobody said, are found', () => {
  const gone = truth();
  gone.people.get('o1')!.deleted = true;
  expect(found([create(), create()])).toEqual(['I4']);
  expect(found([create(), remove(), patch({ title: 'r1' })], gone)).toEqual(['I5']);
  expect(found([create(), patch({ title: 'r1', active: false })])).toEqual(['I6']);
  expect(found([create(), remove()])).toEqual(['I6']);
});
