import type { TargetObject, WorkStore } from '@provisor/persistence';
import { expect, test } from 'vitest';
import { ConnectionWork } from './connection-work.js';

const NOW = 1_000;

const linked = (objectId: string): TargetObject =>
  ({
    spConnection: 'sp',
    objectId,
    lane: 'bulk',
    state: 'done',
    targetId: `t-${objectId}`,
    version: { sequence: 1, config: 1 },
    nextAttemptAt: NOW,
  }) as unknown as TargetObject;

/** Work over a database whose read of rows is held until `answer` is called. */
function heldWork() {
  const read = Promise.withResolvers<void>();
  const store = {
    load: async (keys: readonly { objectId: string }[]) => {
      await read.promise;
      return keys.map(({ objectId }) => linked(objectId));
    },
  };
  return { work: new ConnectionWork('sp', store as unknown as WorkStore), answer: () => read.resolve() };
}

const members = (objectId: string) => ({ objectId, members: true, edges: 1, lane: 'bulk' as const });
const references = (objectId: string) => ({ objectId, members: false, edges: 1, lane: 'bulk' as const });

test('edges of an object that is given up while others are read are looked at again', async () => {
  const { work, answer } = heldWork();
  work.feed([linked('at-hand')], new Set());
  const adding = work.addEdgeWork([members('at-hand'), members('elsewhere')], NOW);
  for (const slot of [...work.slots()]) work.drop(slot);
  answer();
  expect(await adding).toEqual([members('at-hand')]);
  expect([...work.slots()].map((slot) => slot.row.objectId)).toEqual(['elsewhere']);
});

test('an object that was read while it was given up is not trusted; its memberships and its references come again', async () => {
  const { work, answer } = heldWork();
  const adding = work.addEdgeWork([members('o'), references('o')], NOW);
  work.feed([linked('o')], new Set());
  for (const slot of [...work.slots()]) work.drop(slot);
  answer();
  expect(await adding).toEqual([members('o'), references('o')]);
});

test('edges of what is at hand need no read and wait for the end of an attempt', async () => {
  const { work } = heldWork();
  work.feed([linked('o')], new Set());
  const [slot] = [...work.slots()];
  work.queue.take('bulk');
  slot!.busy = true;
  slot!.stateDue = false;
  expect(await work.addEdgeWork([members('o')], NOW)).toEqual([]);
  expect(work.queue.size).toBe(0);
  work.finish(slot!);
  expect(work.queue.size).toBe(1);
});

const pending = (objectId: string, nextAttemptAt: number): TargetObject => ({
  ...linked(objectId),
  lane: 'leaver',
  state: 'pending',
  nextAttemptAt,
});

/** Work over rows as a database would find them. */
function storedWork(rows: TargetObject[]) {
  const found = (now: number, lane: string) =>
    rows.filter((row) => row.lane === lane && row.state === 'pending' && row.nextAttemptAt <= now);
  const store = {
    due: async (_: string, lane: string, now: number) => ({ objects: found(now, lane) }),
    nextDue: async (_: string, now: number) =>
      rows
        .map((row) => row.nextAttemptAt)
        .sort((a, b) => a - b)
        .find((at) => at > now),
    load: async (keys: readonly { objectId: string }[]) =>
      rows.filter((row) => keys.some(({ objectId }) => objectId === row.objectId)),
  };
  return new ConnectionWork('sp', store as unknown as WorkStore);
}

test('what becomes due between the looks through two lanes is found', async () => {
  const work = storedWork([pending('o', NOW + 50)]);
  work.lookAgain();
  // One lane is looked through in each round, and time goes on.
  for (let round = 0; round < 8 && work.size === 0; round += 1) await work.refill(NOW + round * 100);
  expect([...work.slots()].map((slot) => slot.row.objectId)).toEqual(['o']);
});

test('what is due while something else is done for it is found afterwards', async () => {
  const work = storedWork([pending('o', NOW)]);
  work.feed([pending('o', NOW)], new Set());
  const [slot] = [...work.slots()];
  work.queue.take('leaver');
  Object.assign(slot!, { busy: true, stateDue: false });
  work.lookAgain();
  for (let round = 0; round < 4; round += 1) await work.refill(NOW);
  work.finish(slot!);
  expect(work.size).toBe(0);
  await work.refill(NOW);
  expect(work.queue.size).toBe(1);
});

test('a change that was read while its object was given up costs a read of that object and no look through its lane', async () => {
  const changed = { ...pending('o', NOW), version: { sequence: 2, config: 1 } };
  const work = storedWork([changed, pending('other', NOW)]);
  work.feed([pending('o', NOW)], new Set());
  const observation = work.observe();
  for (const slot of [...work.slots()]) work.drop(slot);
  work.feed([changed], observation.finished);
  expect([work.size, work.hasBacklog('leaver')]).toEqual([0, false]);
  await work.refill(NOW);
  expect([...work.slots()].map(({ row }) => [row.objectId, row.version.sequence])).toEqual([['o', 2]]);
});

test('a newer state that only the database has is taken over by what is at hand', async () => {
  const work = storedWork([{ ...pending('o', NOW), version: { sequence: 2, config: 1 } }]);
  work.feed([pending('o', NOW)], new Set());
  work.lookAt('o');
  await work.refill(NOW);
  expect([...work.slots()].map(({ row }) => row.version.sequence)).toEqual([2]);
});
