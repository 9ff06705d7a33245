import { until } from '@provisor/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureWorld, expectSoundSequences, GROUPS, PEOPLE, timeUntilSeen, userDn } from './change-capture.fixture.js';

let world: CaptureWorld;
beforeEach(async () => {
  world = await CaptureWorld.open();
});
afterEach(() => world.close());

describe('a sick data store', () => {
  it('that is down removes nobody, and is caught up with', async () => {
    await world.load();
    await world.change(userDn(1), 'replace', 'sn', ['Before']);
    await world.stopDirectory();
    const status = await world.state('unreachable');
    expect(status.reason).toMatch(/cannot be reached/);
    expect(world.present()).toBe(PEOPLE + GROUPS);
    await world.startDirectory();
    await world.change(userDn(2), 'replace', 'sn', ['After']);
    await until('the change', () => world.user(2)?.attributes?.['sn']?.[0] === 'After', { withinMs: 60_000 });
    expect(world.present()).toBe(PEOPLE + GROUPS);
  });

  it('that is empty, or misses many, removes nobody until somebody says so', async () => {
    await world.load();
    // Another filter is another view: as if a right had been taken away.
    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=nobody*))' } });
    expect((await world.state('suspect')).reason).toMatch(/no users, but 1000 are known/);
    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=u1*))' } });
    await until('suspect of missing many', async () => (await world.status())?.reason?.includes('missed 889 of'));
    expect(world.present()).toBe(PEOPLE + GROUPS);
    // Live changes go on meanwhile, deletions do not.
    await timeUntilSeen(
      'a change',
      () => world.change(userDn(1), 'replace', 'sn', ['Live']),
      () => world.user(1)?.attributes?.['sn']?.[0] === 'Live',
    );
    await world.ldap.del(userDn(10));
    await world.change(userDn(11), 'replace', 'sn', ['Later']);
    await until('the later change', () => world.user(11)?.attributes?.['sn']?.[0] === 'Later');
    expect(world.user(10)?.state).toBe('present');

    await world.configure();
    await world.state('live');
    await until('the deletion, now that the data store is healthy', () => world.user(10)?.state === 'deleted');
    expect(world.present()).toBe(PEOPLE + GROUPS - 1);

    await world.configure({ users: { filter: '(&(objectClass=inetOrgPerson)(uid=u1*))' } });
    await world.state('suspect');
    await world.ask('accept-source');
    await world.state('live');
    await until('the removals that a person accepted', () => world.present() === 110 + GROUPS);
    expectSoundSequences(await world.history());
  });

  it('that cuts its answers short removes nobody', async () => {
    await world.load();
    await world.stopDirectory();
    await world.startDirectory({ maxSizeLimit: 300 });
    await world.ask('compare-source');
    await until(
      'an end of the comparison',
      async () =>
        (await world.status())?.state === 'suspect' || (await world.status())?.lastComparison?.['why'] !== 'first read',
      { withinMs: 60_000 },
    );
    expect(world.present()).toBe(PEOPLE + GROUPS);
  });

  it.each([
    { many: 60, maxMissing: 20 },
    { many: 200, maxMissing: 100 },
  ])('that deletes $many at once is held whole, and one by one is believed', async ({ many, maxMissing }) => {
    await world.load({ health: { maxMissing, maxMissingPercent: 1 } });
    for (const index of [100, 101, 102]) await world.ldap.del(userDn(index));
    await until('three deletions', () => world.present() === PEOPLE + GROUPS - 3);
    await world.stopService();
    for (let index = 200; index < 200 + many; index++) await world.ldap.del(userDn(index));
    await world.startService();
    expect((await world.state('suspect')).reason).toContain(`${3 + many} deletions`);
    await world.change(userDn(1), 'replace', 'sn', ['Still live']);
    await until('a later change', () => world.user(1)?.attributes?.['sn']?.[0] === 'Still live');
    expect(world.present()).toBe(PEOPLE + GROUPS - 3);
    await world.ask('accept-source');
    await until('the accepted deletions', () => world.present() === PEOPLE + GROUPS - 3 - many);
    await world.state('live');
  });
});
