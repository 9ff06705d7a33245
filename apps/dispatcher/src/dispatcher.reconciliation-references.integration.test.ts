import type { DesiredState } from '@provisor/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher, type Spec } from './dispatcher.fixture.js';
import { Reconciliations } from './reconciliation.fixture.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const MANAGER = `${ENTERPRISE}:manager`;
const PEOPLE = ['ann', 'bob', 'cid', 'dan'];
const user = (id: string, manager?: string): DesiredState => ({
  presence: 'active',
  attributes: { userName: id, displayName: `User ${id}` },
  references: manager === undefined ? {} : { [MANAGER]: manager },
});

describe('reconciliation of references', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  let reconciliations: Reconciliations;

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
    reconciliations = new Reconciliations(on, () => dispatcher);
  });
  afterAll(() => on.close());

  const stored = (name: string, id: string) => {
    const account = on.target.tenant(name).users.findBy('externalId', id);
    if (account === undefined) throw new Error(`There is no account of ${id}.`);
    return account;
  };
  const managerOf = (name: string, id: string): unknown =>
    (stored(name, id).resource[ENTERPRISE] as { manager?: { value?: string } } | undefined)?.manager?.value;
  /** What somebody does at the target. */
  const manage = (name: string, id: string, manager: string | undefined) => {
    stored(name, id).resource[ENTERPRISE] =
      manager === undefined ? {} : { manager: { value: stored(name, manager).id } };
  };
  const atRest = async (name: string) => {
    await reconciliations.settled(name);
    await reconciliations.cooled();
  };
  /** People, who all have `boss` for a manager; `other` and `boss` have none. */
  const create = async (name: string, policy: Spec['policy'] = {}) => {
    const attributes = { userName: 'uid', displayName: 'cn', [MANAGER]: { reference: 'manager' } };
    await on.configure(name, { policy, channels: [{ name: 'staff', dataStore: 'corp', attributes }] });
    await on.send(
      ...['boss', 'other'].map((id) => on.command(name, id, user(id))),
      ...PEOPLE.map((id) => on.command(name, id, user(id, 'boss'))),
    );
    await on.ingested();
    await atRest(name);
  };
  const writesSince = (name: string, from: number) =>
    on.target
      .tenant(name)
      .ledger.entries.slice(from)
      .filter(({ method }) => method !== 'GET');
  const drifted = (objectId: string, repaired: boolean) => ({
    ...{ kind: 'drifted', objectType: 'user', objectId, paths: [MANAGER], repaired },
    targetId: expect.any(String) as string,
  });

  it('finds references that are others, missing or back again, writes nothing unasked, and writes those again when asked', async () => {
    await create('staff');
    const bossId = stored('staff', 'boss').id;
    await on.send(on.command('staff', 'dan', user('dan')));
    await eventually(() => managerOf('staff', 'dan') === undefined, 'the cleared reference');
    await atRest('staff');
    manage('staff', 'ann', 'other');
    manage('staff', 'bob', undefined);
    manage('staff', 'dan', 'boss');
    // Nobody here has ever said who manages whom of these.
    manage('staff', 'boss', 'other');

    const { entries } = on.target.tenant('staff').ledger;
    const reportFrom = entries.length;
    const report = await reconciliations.run('staff');
    expect(report).toMatchObject({ state: 'done', counts: { accounts: 6, asWritten: 3, drifted: 3 } });
    expect(report.counts['repaired'] ?? 0).toBe(0);
    expect(report.samples).toHaveLength(3);
    expect(report.samples).toEqual(expect.arrayContaining(['ann', 'bob', 'dan'].map((id) => drifted(id, false))));
    expect(writesSince('staff', reportFrom)).toEqual([]);

    const from = entries.length;
    const run = await reconciliations.run('staff', { repair: true });
    expect(run.counts).toMatchObject({ drifted: 3, repaired: 3 });
    await atRest('staff');
    expect(PEOPLE.map((id) => managerOf('staff', id))).toEqual([bossId, bossId, bossId, undefined]);
    expect(managerOf('staff', 'boss')).toBe(stored('staff', 'other').id);
    expect(writesSince('staff', from).map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    expect((await reconciliations.run('staff')).counts).toMatchObject({ asWritten: 6 });

    // Whoever changes it again means it: it is reported from now on, until another wish comes.
    manage('staff', 'ann', 'other');
    const again = await reconciliations.run('staff', { repair: true });
    expect(again.counts).toMatchObject({ drifted: 1 });
    expect(again.counts['repaired'] ?? 0).toBe(0);
    await on.send(on.command('staff', 'ann', user('ann')));
    await eventually(() => managerOf('staff', 'ann') === undefined, 'the cleared reference');
    await on.send(on.command('staff', 'ann', user('ann', 'boss')));
    await eventually(() => managerOf('staff', 'ann') === bossId, 'the new reference');
    await atRest('staff');
    manage('staff', 'ann', undefined);
    expect((await reconciliations.run('staff', { repair: true })).counts).toMatchObject({ drifted: 1, repaired: 1 });
    await eventually(() => managerOf('staff', 'ann') === bossId, 'the repair');
  });

  it('compares the references of one object', async () => {
    await create('one');
    manage('one', 'cid', 'other');
    const run = await reconciliations.run('one', { objectId: 'cid', repair: true });
    expect(run).toMatchObject({ counts: { drifted: 1, repaired: 1 }, samples: [drifted('cid', true)] });
    await eventually(() => managerOf('one', 'cid') === stored('one', 'boss').id, 'the repair');
  });

  it('only reports references that the policy says to report, and counts none that the target does not show', async () => {
    await create('reported', { reconcile: { reportOnly: [MANAGER] } });
    manage('reported', 'ann', 'other');
    const from = on.target.tenant('reported').ledger.entries.length;
    const run = await reconciliations.run('reported', { repair: true });
    expect(run.samples).toEqual([drifted('ann', false)]);
    for (const id of PEOPLE) manage('reported', id, undefined);
    expect((await reconciliations.run('reported', { repair: true })).counts).toMatchObject({ asWritten: 6 });
    expect(writesSince('reported', from)).toEqual([]);
  });
});
