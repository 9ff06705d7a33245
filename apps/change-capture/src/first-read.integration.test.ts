import { until } from '@provisor/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CaptureWorld,
  expectSoundSequences,
  groupId,
  GROUPS,
  PEOPLE,
  userDn,
  userId,
} from './change-capture.fixture.js';

let world: CaptureWorld;
beforeEach(async () => {
  world = await CaptureWorld.open();
});
afterEach(() => world.close());

describe('first read', () => {
  it('publishes everybody once, groups first, with memberships, nesting, references and account state', async () => {
    await world.load();
    const records = await world.history();
    expect(records).toHaveLength(PEOPLE + GROUPS);
    expectSoundSequences(records);
    for (const partition of [0, 1, 2]) {
      const types = records.filter((record) => record.partition === partition).map(({ value }) => value?.objectType);
      expect(types.lastIndexOf('group')).toBeLessThan(types.indexOf('user'));
    }
    expect(records.every(({ value, traceparent }) => value?.snapshot === true && traceparent !== undefined)).toBe(true);

    const person = world.user(70);
    expect(person).toMatchObject({
      state: 'present',
      enabled: true,
      dn: userDn(70),
      memberOf: [groupId(30)],
      references: { manager: userId(570) },
    });
    // 30 is in 10, which is in 0.
    expect(person?.memberOfNested).toEqual([groupId(0), groupId(10), groupId(30)]);
    expect(person?.attributes).toMatchObject({ uid: ['u70'], mail: ['u70@example.org'] });
    expect(person?.attributes).not.toHaveProperty('userPassword');
    expect(world.group(30)).toMatchObject({
      objectType: 'group',
      memberOf: [groupId(10)],
      memberOfNested: [groupId(0), groupId(10)],
    });
    expect(world.group(30)?.attributes).not.toHaveProperty('member');
  });

  it('goes on after an interruption, and repeats no number with other content', async () => {
    await world.configure({ pageSize: 50 });
    await world.startService();
    await until('part of the people', () => world.present() > 200);
    await world.stopService();
    expect(world.view.entries().length).toBeLessThan(PEOPLE + GROUPS);
    await world.change(userDn(3), 'replace', 'mail', ['while-down@example.org']);
    await world.startService();
    await until('another part', () => world.present() > 500);
    // As if the database had gone away in the middle of a transaction.
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await world.state('live', 60_000);
    await until('everybody', () => world.view.entries().length === PEOPLE + GROUPS);
    await until('the change', () => world.user(3)?.attributes?.['mail']?.[0] === 'while-down@example.org');
    expectSoundSequences(await world.history());
  });
});
