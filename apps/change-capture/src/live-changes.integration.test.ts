import { until } from '@provisor/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CaptureWorld,
  BASE,
  expectSoundSequences,
  groupDn,
  groupId,
  timeUntilSeen,
  userDn,
  userId,
} from './change-capture.fixture.js';

let world: CaptureWorld;
beforeEach(async () => {
  world = await CaptureWorld.open();
});
afterEach(() => world.close());

describe('live changes', () => {
  it('appear within a second, each as what it is', async () => {
    await world.stopDirectory();
    await world.startDirectory({ referentialIntegrity: true });
    await world.load();
    const times: number[] = [];
    const seen = async (...change: Parameters<typeof timeUntilSeen>) => times.push(await timeUntilSeen(...change));
    const before = world.user(5)?.sequence ?? 0;
    await seen(
      'a new mail address',
      () => world.change(userDn(5), 'replace', 'mail', ['new@example.org']),
      () => world.user(5)?.attributes?.['mail']?.[0] === 'new@example.org',
    );
    expect(world.user(5)).toMatchObject({
      sequence: before + 1,
      changed: ['mail'],
      snapshot: false,
      occurredAtFrom: 'source',
    });

    await seen(
      'a disabled account',
      () => world.change(userDn(7), 'add', 'nsAccountLock', ['true']),
      () => world.user(7)?.enabled === false,
    );

    const renamed = `uid=renamed,ou=plant,ou=people,${BASE}`;
    await seen(
      'a rename',
      () => world.ldap.modifyDN(userDn(9), 'uid=renamed'),
      () => world.user(9)?.dn === renamed,
    );
    // The directory keeps members and managers right without logging it.
    expect(world.user(9)?.memberOf).toEqual([groupId(9)]);
    await until('the new name of the manager', () => world.user(509)?.attributes?.['manager']?.[0] === renamed);
    expect(world.user(509)?.references?.['manager']).toBe(userId(9));

    await seen(
      'a deletion',
      () => world.ldap.del(userDn(11)),
      () => world.user(11)?.state === 'deleted',
    );
    expect(world.user(11)).not.toHaveProperty('attributes');
    await until('the report without a manager', () => world.user(511)?.references === undefined);

    const newcomer = { objectClass: ['inetOrgPerson'], uid: 'new', cn: 'New', sn: 'New', entryUUID: userId(5000) };
    await seen(
      'an addition',
      () => world.add(`uid=new,ou=plant,ou=people,${BASE}`, newcomer),
      () => world.user(5000)?.state === 'present',
    );
    expect(world.user(5000)).toMatchObject({ memberOf: [], snapshot: false });

    await seen(
      'a new member',
      () => world.change(groupDn(31), 'add', 'member', [`uid=new,ou=plant,ou=people,${BASE}`]),
      () => world.user(5000)?.memberOf?.[0] === groupId(31),
    );
    expect(world.user(5000)?.memberOfNested).toEqual([groupId(1), groupId(11), groupId(31)]);
    await seen(
      'a removed member',
      () => world.change(groupDn(31), 'delete', 'member', [`uid=new,ou=plant,ou=people,${BASE}`]),
      () => world.user(5000)?.memberOf?.length === 0,
    );

    process.stdout.write(`live changes seen after ${times.map(Math.round).join(', ')} ms\n`);
    expect(times.sort((x, y) => x - y)[times.length >> 1]).toBeLessThan(1_000);

    // The same id again: the numbers go on.
    const gone = world.user(11)?.sequence ?? 0;
    await world.add(userDn(11), {
      objectClass: ['inetOrgPerson'],
      uid: 'u11',
      cn: 'Back',
      sn: 'Back',
      entryUUID: userId(11),
    });
    await until('the person is back', () => world.user(11)?.state === 'present');
    expect(world.user(11)?.sequence).toBe(gone + 1);
    expectSoundSequences(await world.history());
  });

  it('follow a renamed subtree, a nested group and a member that was named before it existed', async () => {
    await world.load();
    await timeUntilSeen(
      'everybody below',
      () => world.ldap.modifyDN(`ou=sales,ou=people,${BASE}`, 'ou=selling'),
      () =>
        [0, 2, 500, 998].every((index) => world.user(index)?.dn === userDn(index).replace('ou=sales', 'ou=selling')),
    );
    await until('all 500', () =>
      Array.from({ length: 500 }, (_, n) => world.user(2 * n)).every((user) => user?.dn?.includes('ou=selling')),
    );
    // The groups and the reports still name what does not exist any more.
    await until(
      'nobody is a member by an old name',
      () => world.user(0)?.memberOf?.length === 0 && world.user(500)?.references === undefined,
    );

    await timeUntilSeen(
      'a group leaves its parent',
      () => world.change(groupDn(11), 'delete', 'member', [groupDn(31)]),
      () => world.user(71)?.memberOfNested?.length === 1,
    );
    await until('the group itself', () => world.group(31)?.memberOfNested?.length === 0);
    await world.change(groupDn(31), 'add', 'member', [groupDn(1)]);
    await world.change(groupDn(11), 'add', 'member', [groupDn(31)]);
    await until('a cycle of groups', () => world.user(71)?.memberOfNested?.length === 3);
    await until('the groups of the cycle', () => world.group(1)?.memberOfNested?.length === 2);
    expect(world.group(1)?.memberOfNested).toEqual([groupId(11), groupId(31)]);

    await world.change(groupDn(5), 'add', 'member', [`uid=later,ou=plant,ou=people,${BASE}`]);
    await world.add(`uid=later,ou=plant,ou=people,${BASE}`, {
      objectClass: ['inetOrgPerson'],
      uid: 'later',
      cn: 'L',
      sn: 'L',
      entryUUID: userId(6000),
    });
    await until('the membership', () => world.user(6000)?.memberOf?.[0] === groupId(5));
  });

  it('go on exactly after a restart, also when the change log was started anew', async () => {
    await world.load();
    await world.stopService();
    await world.change(userDn(20), 'replace', 'sn', ['Changed']);
    await world.ldap.del(userDn(21));
    await world.startService();
    await until(
      'what happened meanwhile',
      () => world.user(20)?.attributes?.['sn']?.[0] === 'Changed' && world.user(21)?.state === 'deleted',
    );
    expect((await world.status())?.lastComparison?.['why']).toBe('first read');

    const records = (await world.history()).length;
    await world.stopService();
    await world.change(userDn(22), 'replace', 'sn', ['Unlogged']);
    await world.ldap.del(userDn(23));
    await world.stopDirectory();
    // The in-memory server writes its change log anew from what it loads.
    await world.startDirectory();
    await world.startService();
    await until(
      'a full comparison',
      () => world.user(22)?.attributes?.['sn']?.[0] === 'Unlogged' && world.user(23)?.state === 'deleted',
    );
    expect((await world.status())?.lastComparison?.['why']).toMatch(/change log/);
    const after = await world.history();
    expect(after).toHaveLength(records + 2 + (world.user(523)?.references === undefined ? 1 : 0));
    expectSoundSequences(after);
  });
});
