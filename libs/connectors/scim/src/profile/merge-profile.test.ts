import { describe, expect, test } from 'vitest';
import { SCIM_2_0 } from './defaults.js';
import { mergeProfile, namedDeviations, ProfileProblem } from './merge-profile.js';
import { NAMED_PROFILES } from './named-profiles.js';
import { vendorProfile } from './vendor-profile.js';

const none = { discovered: {}, named: {}, override: {} };

describe('layers', () => {
  test('without any, a target is as the RFCs say', () => {
    expect(mergeProfile(none)).toEqual(SCIM_2_0);
    expect(vendorProfile.parse(SCIM_2_0)).toEqual(SCIM_2_0);
  });

  test('discovery over defaults, the named profile over discovery, the override over all', () => {
    const discovered = { update: { verb: 'put' as const }, paging: { maxPage: 50 }, etag: 'ifMatch' as const };
    const named = { paging: { maxPage: 20 }, etag: 'off' as const };
    const merged = mergeProfile({
      discovered,
      named,
      override: { 'paging.maxPage': 10, users: { match: ['userName'] } },
    });
    expect(merged).toMatchObject({
      update: { verb: 'put', style: 'paths' },
      paging: { mode: 'index', maxPage: 10 },
      etag: 'off',
    });
    expect(merged.users).toEqual({ ...SCIM_2_0.users, match: ['userName'] });
  });

  test('what a target says is only shown where it is not trusted', () => {
    const discovered = { update: { verb: 'put' as const } };
    expect(mergeProfile({ ...none, discovered, override: { 'discovery.trust': false } }).update.verb).toBe('patch');
  });
});

describe('mistakes', () => {
  test.each([
    [{ 'update.verb': 'post' }, 'update.verb'],
    [{ 'groups.maxMembersPerPatch': 0 }, 'groups.maxMembersPerPatch'],
    [{ 'update.speed': 1 }, 'update'],
    [{ nothing: 1 }, 'nothing'],
  ])('%j is refused by its path', (override, path) => {
    expect(() => mergeProfile({ ...none, override })).toThrow(ProfileProblem);
    expect(() => mergeProfile({ ...none, override })).toThrow(path);
  });

  test('an unknown profile names the known ones', () => {
    expect(() => namedDeviations('nobody')).toThrow(/"nobody".*scim-2\.0.*slack/);
  });
});

describe('named profiles', () => {
  test.each(NAMED_PROFILES.map(({ name }) => name))('%s fits the schema', (name) => {
    expect(() => mergeProfile({ ...none, named: namedDeviations(name) })).not.toThrow();
  });

  test('one may extend another', () => {
    const all = [
      { name: 'base', deviations: { paging: { maxPage: 7 }, etag: 'ifMatch' as const } },
      { name: 'special', extends: 'base', deviations: { etag: 'off' as const } },
    ];
    expect(namedDeviations('special', all)).toEqual({ paging: { maxPage: 7 }, etag: 'off' });
  });
});
