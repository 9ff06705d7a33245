import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, Installation, type Dispatcher } from './dispatcher.fixture.js';

interface Holds {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly holds: readonly {
    kind: string;
    objectId: string;
    group?: { objectId: string };
    cause: string;
    since: string;
  }[];
  readonly next?: string;
}

const user = (id: string, more: { memberOf?: readonly string[]; title?: string } = {}) => ({
  presence: 'active' as const,
  attributes: { userName: id, displayName: `User ${id}`, ...(more.title === undefined ? {} : { title: more.title }) },
  ...(more.memberOf === undefined ? {} : { memberOf: [...more.memberOf] }),
});
const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
const few = { max: 3, percent: 10, window: '1h' };

describe('the guards', () => {
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
  const members = (displayName: string): string[] =>
    ((tenant().group(displayName)?.['members'] ?? []) as { value: string }[]).map((member) => member.value);
  const group = (id: string, displayName: string) =>
    on.command(connection, id, { presence: 'active', attributes: { displayName } }, { objectType: 'group' });
  const done = (count: number) =>
    eventually(() => on.terminal(connection).length >= count, `${count} terminal results`, 60_000);
  const holds = (query = '') => dispatcher.ask(`/sp-connections/${connection}/holds${query}`) as Promise<Holds>;
  const held = (count: number) =>
    eventually(
      async () => {
        const found = await holds();
        return found.total === count && found;
      },
      `${count} holds`,
      60_000,
    );
  const restart = async () => {
    await on.stop(dispatcher);
    dispatcher = await on.start();
  };
  const leave = (names: readonly string[], presence: 'absent' | 'disabled') =>
    on.send(...names.map((name) => on.command(connection, name, { presence, memberOf: [] }, { lane: 'leaver' })));

  it('lists what is held page by page, and a restart forgets neither holds nor what was sent before', async () => {
    await on.configure(connection, { policy: { guard: { removals: few } } });
    const names = ids('p', 20);
    await on.send(...names.map((name) => on.command(connection, name, user(name))));
    await done(20);
    await leave(names.slice(0, 10), 'disabled');
    const first = await held(7);
    expect(first.counts).toEqual({ delete: 0, disable: 7, blank: 0, 'remove-member': 0 });
    expect(first.holds[0]?.cause).toContain('3 accounts were disabled or deleted within 1h');

    await restart();
    await leave(names.slice(10), 'absent');
    const both = await held(17);
    expect(both.counts).toMatchObject({ delete: 10, disable: 7 });
    expect(tenant().users.size).toBe(20);
    const page = await holds('?limit=10&kind=disable&kind=delete');
    const rest = await holds(`?limit=10&cursor=${page.next}`);
    const listed = [...page.holds, ...rest.holds].map(({ objectId }) => objectId);
    expect(new Set(listed).size).toBe(17);
    expect(rest.next).toBeUndefined();

    const [one, two] = both.holds.filter(({ kind }) => kind === 'disable').map(({ objectId }) => objectId);
    expect((await holds(`?objectId=${one}&objectId=${two}`)).total).toBe(2);
    await on.control({ action: 'approve', spConnection: connection, objectIds: [one ?? '', two ?? ''] });
    await held(15);
    await on.control({ action: 'approve', spConnection: connection, kinds: ['delete'] });
    await eventually(() => tenant().users.size === 10, 'the approved deletions');
    await on.control({ action: 'reject', spConnection: connection });
    await held(0);
    const skipped = () => on.terminal(connection).filter(({ outcome }) => outcome === 'skipped');
    await eventually(() => skipped().length === 5, 'the results of those that were rejected');
  });

  it('releases a hold when a newer state takes nothing away, and holds anew what still does', async () => {
    await on.configure(connection, { policy: { guard: { removals: { ...few, max: 0, percent: 0 } } } });
    await on.send(on.command(connection, 'a', user('a')), on.command(connection, 'b', user('b')));
    await done(2);
    await leave(['a', 'b'], 'disabled');
    await held(2);
    await on.send(on.command(connection, 'a', user('a', { title: 'Back' })));
    await eventually(() => tenant().user('a')?.['title'] === 'Back', 'the newer state');
    await leave(['b'], 'absent');
    const anew = await eventually(async () => {
      const found = await holds();
      return found.counts['delete'] === 1 && found;
    }, 'the hold of the newer removal');
    expect(anew).toMatchObject({ total: 1, holds: [{ objectId: 'b', kind: 'delete' }] });
    expect(tenant().user('b')).toMatchObject({ active: true });
    await on.control({ action: 'approve', spConnection: connection, objectId: 'b' });
    await eventually(() => tenant().user('b') === undefined, 'the approved deletion');
  });

  it('holds updates that leave many accounts without a value', async () => {
    await on.configure(connection, { policy: { guard: { blanks: few } } });
    const names = ids('v', 13);
    await on.send(...names.map((name) => on.command(connection, name, user(name, { title: 'Clerk' }))));
    await done(13);
    const blank = (list: readonly string[]) =>
      on.send(...list.map((name) => on.command(connection, name, user(name), { lane: 'bulk' })));
    await blank(names.slice(1));
    const found = await held(9);
    expect(found.holds.every(({ kind, cause }) => kind === 'blank' && cause.includes('title'))).toBe(true);
    const titled = () => names.filter((name) => tenant().user(name)?.['title'] === 'Clerk').length;
    expect(titled()).toBe(10);
    await restart();
    await blank(names.slice(0, 1));
    await held(10);
    expect(titled()).toBe(10);
    await on.control({ action: 'approve', spConnection: connection, kinds: ['blank'] });
    await eventually(() => titled() === 0, 'the approved updates');
  });

  it('holds the end of memberships beyond the budget of a group, through a restart, until a person decides', async () => {
    const perGroup = { max: 3, percent: 0, window: '1h' };
    await on.configure(connection, { policy: { guard: { memberships: { max: 100, perGroup } } } });
    const names = ids('m', 10);
    await on.send(
      group('g', 'team'),
      group('h', 'other'),
      ...names.map((name) => on.command(connection, name, user(name, { memberOf: ['g', 'h'] }))),
    );
    await eventually(() => members('team').length === 10 && members('other').length === 10, 'all members');
    await done(12);
    await on.send(...names.map((name) => on.command(connection, name, user(name, { memberOf: ['h'] }))));
    const found = await held(7);
    expect(found.counts['remove-member']).toBe(7);
    expect(found.holds[0]).toMatchObject({ kind: 'remove-member', group: { objectId: 'g' } });
    expect(found.holds[0]?.cause).toContain('3 members of this group were removed within 1h');
    expect(members('team')).toHaveLength(7);
    expect(members('other')).toHaveLength(10);
    await eventually(
      () => on.results.some((one) => one.outcome === 'held' && one.operation === 'remove-members'),
      'their result',
    );

    await restart();
    const [first, second, third] = found.holds.map(({ objectId }) => objectId);
    await on.send(on.command(connection, first ?? '', user(first ?? '', { memberOf: ['g', 'h'] })));
    await held(6);
    await on.control({ action: 'approve', spConnection: connection, objectId: second ?? '' });
    await eventually(() => members('team').length === 6, 'the approved removal');
    await on.control({ action: 'reject', spConnection: connection, objectId: third ?? '' });
    await held(4);
    await on.control({ action: 'approve', spConnection: connection, groupId: 'g' });
    await eventually(() => members('team').length === 2, 'the approved removals');
    expect(members('team').sort()).toEqual(
      [first, third].map((name) => tenant().users.findBy('externalId', name ?? '')?.id).sort(),
    );
  });

  it('leaves the memberships of whoever is held alone, and ends them with the account', async () => {
    const guard = { removals: { max: 1, percent: 0 }, memberships: { max: 0, percent: 0 } };
    await on.configure(connection, { policy: { guard } });
    await on.send(
      group('g', 'crew'),
      ...['a', 'b', 'c'].map((name) => on.command(connection, name, user(name, { memberOf: ['g'] }))),
    );
    await eventually(() => members('crew').length === 3, 'all members');
    await done(4);
    await leave(['a', 'b', 'c'], 'disabled');
    await held(2);
    await eventually(() => members('crew').length === 2, 'the end of the membership of the one that may go');
    await on.control({ action: 'approve', spConnection: connection });
    await eventually(() => members('crew').length === 0, 'the end of the others');
    await held(0);
  });
});
