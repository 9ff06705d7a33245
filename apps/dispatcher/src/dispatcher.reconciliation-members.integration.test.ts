import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher, type Spec } from './dispatcher.fixture.js';
import { Reconciliations } from './reconciliation.fixture.js';

const idOf = (n: number) => `m${String(n).padStart(4, '0')}`;
const user = (id: string, memberOf: readonly string[]) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}` },
  memberOf: [...memberOf],
});

describe('reconciliation of memberships', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  let reconciliations: Reconciliations;

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
    reconciliations = new Reconciliations(on, () => dispatcher);
  });
  afterAll(() => on.close());

  const tenantOf = (name: string) => on.target.tenant(name);
  const group = (name: string, id: string) =>
    on.command(
      name,
      id,
      { presence: 'active', attributes: { displayName: id } },
      { objectType: 'group', lane: 'bulk' },
    );
  const targetIdOf = (name: string, id: string): string => tenantOf(name).users.findBy('externalId', id)?.id ?? '';
  const groupIdOf = (name: string, id: string): string => tenantOf(name).groups.findBy('displayName', id)?.id ?? '';
  const membersOf = (name: string, id: string): string[] =>
    tenantOf(name)
      .members.of(groupIdOf(name, id))
      .map(({ value }) => String(value))
      .toSorted();
  /** People, of whom each is in every group. */
  const create = async (name: string, o: { people: number; groups: readonly string[]; spec?: Partial<Spec> }) => {
    await on.configure(name, o.spec);
    await on.send(
      ...o.groups.map((id) => group(name, id)),
      ...Array.from({ length: o.people }, (_, n) =>
        on.command(name, idOf(n), user(idOf(n), o.groups), { lane: 'bulk' }),
      ),
    );
    await on.ingested();
    await reconciliations.settled(name);
    await reconciliations.cooled();
  };
  const remove = (name: string, id: string, people: readonly number[]) =>
    tenantOf(name).members.remove(
      groupIdOf(name, id),
      people.map((n) => targetIdOf(name, idOf(n))),
    );
  const add = (name: string, id: string, targetId: string) =>
    tenantOf(name).members.add(groupIdOf(name, id), [{ value: targetId }]);
  const writesSince = (name: string, from: number) =>
    tenantOf(name)
      .ledger.entries.slice(from)
      .filter(({ method }) => method !== 'GET');

  it('finds who is missing and who is too many, writes nothing unasked, and adds only who is missing', async () => {
    await create('crew', { people: 40, groups: ['red', 'blue', 'green'] });
    tenantOf('crew').configure({ maxPage: 2 });
    const whole = membersOf('crew', 'red');
    remove('crew', 'red', [3, 7]);
    remove('crew', 'green', [11]);
    const stranger = tenantOf('crew').users.insert({ userName: 'stranger', active: true });
    add('crew', 'blue', stranger.id);

    const { entries } = tenantOf('crew').ledger;
    const reportFrom = entries.length;
    const report = await reconciliations.run('crew');
    const counts = { members: 40 * 3 - 3 + 1, membersMissing: 3, membersUnknown: 1 };
    expect(report).toMatchObject({ state: 'done', counts: { ...counts, membersAgain: 0, membersRemoved: 0 } });
    expect(report.samples).toContainEqual({
      kind: 'missing-member',
      objectType: 'group',
      objectId: 'red',
      targetId: groupIdOf('crew', 'red'),
      memberId: idOf(3),
      memberTargetId: targetIdOf('crew', idOf(3)),
      repaired: false,
    });
    expect(writesSince('crew', reportFrom)).toEqual([]);

    const from = entries.length;
    const run = await reconciliations.run('crew', { repair: true });
    expect(run.counts).toMatchObject({ ...counts, membersAgain: 3, membersRemoved: 0 });
    await reconciliations.settled('crew');
    expect(membersOf('crew', 'red')).toEqual(whole);
    expect(membersOf('crew', 'green')).toEqual(whole);
    expect(membersOf('crew', 'blue')).toEqual([...whole, stranger.id].toSorted());
    // One PATCH for each group that differs.
    expect(writesSince('crew', from).map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);

    // Whoever takes them out again means it: they are reported from now on.
    await reconciliations.cooled();
    remove('crew', 'red', [3]);
    const again = await reconciliations.run('crew', { repair: true });
    expect(again.counts).toMatchObject({ membersMissing: 1, membersAgain: 0 });
  });

  it('removes members that nothing here made members where the policy says so, and never strangers', async () => {
    const policy = { reconcile: { unknownMembers: 'remove' } } as const;
    await create('strict', { people: 4, groups: ['a'], spec: { policy } });
    await on.send(on.command('strict', 'outsider', user('outsider', [])));
    await eventually(() => tenantOf('strict').user('outsider') !== undefined, 'the outsider');
    await reconciliations.settled('strict');
    const whole = membersOf('strict', 'a');
    const stranger = tenantOf('strict').users.insert({ userName: 'stranger', active: true });
    add('strict', 'a', stranger.id);
    add('strict', 'a', targetIdOf('strict', 'outsider'));

    expect((await reconciliations.run('strict')).counts).toMatchObject({ membersUnknown: 2, membersRemoved: 0 });
    const run = await reconciliations.run('strict', { repair: true });
    expect(run.counts).toMatchObject({ membersUnknown: 2, membersRemoved: 1 });
    await eventually(() => membersOf('strict', 'a').length === 5, 'the removal');
    expect(membersOf('strict', 'a')).toEqual([...whole, stranger.id].toSorted());
  });

  it('leaves a group alone of which the target shows too little', async () => {
    const guard = { memberships: { perGroup: { max: 3, percent: 10 } } };
    await create('capped', { people: 30, groups: ['many', 'few'], spec: { policy: { guard } } });
    remove('capped', 'many', [...Array(20).keys()]);
    const from = tenantOf('capped').ledger.entries.length;
    const run = await reconciliations.run('capped', { repair: true });
    expect(run.counts).toMatchObject({ membersMissing: 20, membersAgain: 0 });
    expect(run.cause).toContain('20 of 30 members of group many');
    expect(writesSince('capped', from)).toEqual([]);
  });

  it('compares one group with its members, and leaves the members of the others alone', async () => {
    await create('single', { people: 12, groups: ['one', 'other'] });
    const whole = membersOf('single', 'one');
    remove('single', 'one', [3]);
    remove('single', 'other', [4]);
    const stranger = tenantOf('single').users.insert({ userName: 'stranger', active: true });
    add('single', 'one', stranger.id);

    const { entries } = tenantOf('single').ledger;
    const from = entries.length;
    const counts = { accounts: 1, asWritten: 1, members: 12, membersMissing: 1, membersUnknown: 1 };
    expect(await reconciliations.run('single', { objectId: 'one' })).toMatchObject({
      state: 'done',
      counts: { ...counts, membersAgain: 0 },
      samples: [
        { kind: 'missing-member', objectId: 'one', memberId: idOf(3), repaired: false },
        { kind: 'unknown-member', objectId: 'one', memberTargetId: stranger.id, repaired: false },
      ],
    });
    expect(writesSince('single', from)).toEqual([]);

    const run = await reconciliations.run('single', { objectId: 'one', repair: true });
    expect(run.counts).toMatchObject({ ...counts, membersAgain: 1, membersRemoved: 0 });
    await eventually(() => membersOf('single', 'one').length === 13, 'the member');
    expect(membersOf('single', 'one')).toEqual([...whole, stranger.id].toSorted());
    expect(writesSince('single', from).map(({ method }) => method)).toEqual(['PATCH']);

    // The memberships of a person are compared with the groups.
    const person = await reconciliations.run('single', { objectId: idOf(4), repair: true });
    expect(person.counts).toEqual({ accounts: 1, asWritten: 1 });
    expect(membersOf('single', 'other')).toHaveLength(11);
  });

  it('asks for no groups where none are ours', async () => {
    await create('none', { people: 2, groups: [] });
    const from = tenantOf('none').ledger.entries.length;
    await reconciliations.run('none');
    expect(tenantOf('none').ledger.entries.slice(from)).toHaveLength(1);
  });
});
