import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const user = (id: string, memberOf?: readonly string[]) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}` },
  ...(memberOf === undefined ? {} : { memberOf: [...memberOf] }),
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);

describe('memberships, holds and control', () => {
  let on: Installation;
  let dispatcher: Dispatcher;
  let connection = '';
  let index = 0;

  beforeAll(async () => {
    on = await Installation.open();
    dispatcher = await on.start();
  });
  afterAll(async () => {
    await on.close();
  });
  beforeEach(() => {
    connection = `sp-${(index += 1)}`;
  });
  const tenant = () => on.target.tenant(connection);
  const members = (displayName: string): string[] => {
    const list = (tenant().group(displayName)?.['members'] ?? []) as { value: string }[];
    return list.map((member) => member.value);
  };
  const group = (id: string, displayName: string) =>
    on.command(connection, id, { presence: 'active', attributes: { displayName } }, { objectType: 'group' });
  const done = (count: number) =>
    eventually(() => on.terminal(connection).length >= count, `${count} terminal results`, 60_000);
  const counts = async () => {
    const all = (await dispatcher.ask('/sp-connections')) as {
      spConnections: { name: string; counts: Record<string, number>; paused: boolean }[];
    };
    return all.spConnections.find((one) => one.name === connection);
  };

  it('ends a membership of somebody whose account was to be closed before, and is wanted open now', async () => {
    await on.configure(connection, { policy: { users: { createDisabled: true } } });
    const closed = { ...user('u', ['g']), presence: 'disabled' as const };
    await on.send(group('g', 'staff'), on.command(connection, 'u', closed));
    await eventually(() => members('staff').length === 1, 'the membership');
    await done(2);
    // Whoever is not wanted open loses the account first: as long as that waits, the membership stays.
    tenant().faults.add({ kind: 'status', status: 503, on: { method: 'PATCH', path: '/Users' } });
    const renamed = { userName: 'u-2', displayName: 'User u' };
    await on.send(on.command(connection, 'u', { presence: 'disabled', attributes: renamed, memberOf: [] }));
    await eventually(() => tenant().ledger.entries.some(({ status }) => status === 503), 'the attempt that fails');
    await on.send(on.command(connection, 'u', { presence: 'active', attributes: renamed, memberOf: [] }));
    await eventually(() => members('staff').length === 0, 'the end of the membership', 10_000);
  });

  it('sends memberships when both ends are there, in chunks, and nothing twice', async () => {
    tenant().configure({ maxMembersPerPatch: 100 });
    await on.configure(connection);
    const names = ids('m', 450);
    await on.send(...names.map((name) => on.command(connection, name, user(name, ['g']), { lane: 'bulk' })));
    await done(450);
    expect((await counts())?.counts['waitingMemberships']).toBe(450);
    await on.send(group('g', 'everybody'));
    await eventually(() => members('everybody').length === 450, 'all members', 60_000);
    const patches = tenant().ledger.entries.filter(
      (entry) => entry.method === 'PATCH' && entry.path.startsWith('/Groups'),
    );
    expect(patches.length).toBeLessThanOrEqual(6);
    await eventually(async () => (await counts())?.counts['waitingMemberships'] === 0, 'the end of the waiting');
  });

  it('adds and removes a single member at once', async () => {
    await on.configure(connection);
    await on.send(
      group('g', 'team'),
      on.command(connection, 'a', user('a', ['g'])),
      on.command(connection, 'b', user('b', ['g'])),
    );
    await eventually(() => members('team').length === 2, 'two members');
    await done(3);
    await on.send(on.command(connection, 'a', user('a', [])));
    await eventually(() => members('team').length === 1, 'one member');
    const removal = await eventually(
      () => on.results.find((one) => one.spConnection === connection && one.operation === 'remove-members'),
      'its result',
    );
    expect(removal).toMatchObject({ objectId: 'g', outcome: 'applied', members: { count: 1, objectIds: ['a'] } });
  });

  it('sets a reference when the other end has an account', async () => {
    await on.configure(connection);
    await on.send(on.command(connection, 'worker', { ...user('worker'), references: { [MANAGER]: 'boss' } }));
    await done(1);
    await on.send(on.command(connection, 'boss', user('boss')));
    await eventually(
      () => JSON.stringify(tenant().user('worker')).includes(tenant().users.findBy('externalId', 'boss')?.id ?? 'none'),
      'the manager',
    );
  });

  it('creates an account together with its reference where the other end has an account', async () => {
    await on.configure(connection);
    await on.send(on.command(connection, 'boss', user('boss')));
    await done(1);
    await on.send(on.command(connection, 'worker', { ...user('worker'), references: { [MANAGER]: 'boss' } }));
    await done(2);
    expect(JSON.stringify(tenant().user('worker'))).toContain(tenant().users.findBy('externalId', 'boss')?.id);
    await eventually(async () => (await counts())?.counts['waitingMemberships'] === 0, 'the note of the reference');
    expect(tenant().ledger.entries.filter((entry) => entry.method === 'PATCH')).toEqual([]);
  });

  it('creates an account without its reference where the target refuses both together', async () => {
    await on.configure(connection);
    await on.send(on.command(connection, 'boss', user('boss')));
    await done(1);
    tenant().faults.add({ kind: 'status', status: 400, on: { method: 'POST', path: '/Users' }, times: 1 });
    await on.send(on.command(connection, 'worker', { ...user('worker'), references: { [MANAGER]: 'boss' } }));
    await eventually(
      () => JSON.stringify(tenant().user('worker')).includes(tenant().users.findBy('externalId', 'boss')?.id ?? 'none'),
      'the manager, sent by itself',
    );
    expect(tenant().users.size).toBe(2);
  });

  it('gives a group that is made anew its members again', async () => {
    await on.configure(connection);
    await on.send(group('g', 'lost'), on.command(connection, 'a', user('a', ['g'])));
    await eventually(() => members('lost').length === 1, 'the member');
    const stored = tenant().groups.findBy('externalId', 'g');
    if (stored === undefined) throw new Error('The group is missing.');
    tenant().groups.remove(stored);
    tenant().members.forget(stored.id);
    await done(2);
    await on.send(on.command(connection, 'b', user('b', ['g'])));
    await eventually(() => members('lost').length === 2, 'both members');
  });

  it('lets a member that the target refuses fail alone', async () => {
    await on.configure(connection);
    await on.send(group('g', 'some'), ...ids('x', 5).map((name) => on.command(connection, name, user(name))));
    await done(6);
    const gone = tenant().users.findBy('externalId', 'x00002');
    if (gone === undefined) throw new Error('The account is missing.');
    tenant().users.remove(gone);
    await on.send(...ids('x', 5).map((name) => on.command(connection, name, user(name, ['g']))));
    await eventually(() => members('some').length >= 4, 'the good members');
  });

  it('holds removals beyond the guard and sends them when a person approves', async () => {
    await on.configure(connection, { policy: { guard: { removals: { max: 3, percent: 10, window: '1h' } } } });
    const names = ids('h', 20);
    await on.send(...names.map((name) => on.command(connection, name, user(name))));
    await done(20);
    await on.send(...names.map((name) => on.command(connection, name, { presence: 'absent' }, { lane: 'leaver' })));
    await eventually(async () => (await counts())?.counts['held'] === 17, 'held removals');
    expect(tenant().users.size).toBe(17);
    const held = await eventually(() => {
      const all = on.results.filter((one) => one.spConnection === connection && one.outcome === 'held');
      return all.length === 17 && all;
    }, 'their results');

    const [first] = held;
    await on.control({ action: 'approve', spConnection: connection, objectId: first?.objectId ?? '' });
    await eventually(() => tenant().users.size === 16, 'the approved removal');
    await on.send(on.command(connection, held[1]?.objectId ?? '', user(held[1]?.objectId ?? '')));
    await eventually(async () => (await counts())?.counts['held'] === 15, 'the replaced hold');
    await on.control({ action: 'reject', spConnection: connection, objectId: held[2]?.objectId ?? '' });
    await eventually(async () => (await counts())?.counts['skipped'] === 1, 'the rejected hold');
    await on.control({ action: 'approve', spConnection: connection });
    await eventually(async () => (await counts())?.counts['held'] === 0, 'no holds');
    await eventually(() => tenant().users.size === 2, 'the approved removals');
  });

  it('pauses and resumes, retries what failed and provisions on demand', async () => {
    await on.configure(connection);
    await on.send(on.command(connection, 'one', user('one')));
    await done(1);
    await on.control({ action: 'pause', spConnection: connection });
    await eventually(async () => (await counts())?.paused === true, 'the pause');
    await eventually(
      async () =>
        (
          (await dispatcher.ask('/sp-connections')) as { spConnections: { name: string; block: unknown }[] }
        ).spConnections.find((c) => c.name === connection)?.block !== null,
      'the pause at the owner',
    );
    await on.send(on.command(connection, 'two', user('two')));
    await eventually(async () => (await counts())?.counts['pending'] === 1, 'the pending object');
    expect(tenant().user('two')).toBeUndefined();
    await on.control({ action: 'resume', spConnection: connection });
    await eventually(() => tenant().user('two'), 'the account');

    tenant().faults.add({ kind: 'status', status: 400, scimType: 'invalidValue', on: { method: 'POST' } });
    await on.send(on.command(connection, 'bad', user('bad')));
    await eventually(async () => (await counts())?.counts['failed'] === 1, 'the failed object');
    await on.control({ action: 'retry', spConnection: connection });
    await eventually(() => tenant().user('bad'), 'the account after the retry');

    const before = on.resultsOf('one').length;
    await on.control({ action: 'provision-now', spConnection: connection, objectId: 'one' });
    const result = await eventually(() => on.resultsOf('one')[before], 'the answer');
    expect(result).toMatchObject({ outcome: 'unchanged', code: 'state.as-desired' });
  });

  it('accounts for every version exactly once', async () => {
    await on.configure(connection);
    const names = ids('acc', 40);
    const all = Array.from({ length: 6 }, (_, round) =>
      names.map((name) =>
        on.command(connection, name, {
          ...user(name),
          attributes: { userName: name, displayName: `${name} ${round}` },
        }),
      ),
    ).flat();
    await on.send(...all);
    await done(all.length);
    const versions = on.terminal(connection).map((one) => `${one.objectId} ${one.version.sequence}`);
    expect(versions).toHaveLength(all.length);
    expect(new Set(versions).size).toBe(all.length);
    for (const name of names) expect(tenant().user(name)).toMatchObject({ displayName: `${name} 5` });
  });
});
