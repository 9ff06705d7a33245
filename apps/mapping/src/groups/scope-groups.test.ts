import { describe, expect, it } from 'vitest';
import { group, user } from '../examples.fixture.js';
import { namedBy, ScopeGroups } from './scope-groups.js';
import { scopeGroupName } from './scope-group-name.js';

const DN = 'cn=slack,ou=groups,dc=corp';
const wanted = new Map([
  [
    'corp',
    new Map([
      [scopeGroupName(DN), ['slack']],
      ['g-id', ['other']],
    ]),
  ],
]);

describe('ScopeGroups', () => {
  it('binds a name to the group that is seen under it, however the DN is written', () => {
    const groups = new ScopeGroups();
    const news = groups.news([group('g1', 1, 'slack'), group('g2', 1, 'else'), user('u', 1)], wanted);
    expect(news).toMatchObject([{ objectId: 'g1', deleted: false }]);
    expect(groups.resolver()('corp', DN)).toBeUndefined();
    expect(groups.resolver(news)('corp', 'CN=Slack, OU=groups,dc=corp')).toBe('g1');
    groups.add(news);
    expect(groups.resolver()('corp', DN)).toBe('g1');
    expect(groups.resolver()('elsewhere', DN)).toBeUndefined();
    expect(namedBy(news, wanted)).toEqual(['slack']);
  });

  it('binds a group that a scope names by its id', () => {
    const groups = new ScopeGroups();
    groups.add(groups.news([group('g-id', 1, 'any')], wanted));
    expect(groups.resolver()('corp', 'g-id')).toBe('g-id');
    expect(groups.unresolved(wanted).map(({ spConnections }) => spConnections)).toEqual([['slack']]);
  });

  it('follows the group through a rename, and lets a new group take the name only after a deletion', () => {
    const groups = new ScopeGroups();
    groups.add(groups.news([group('g1', 1, 'slack')], wanted));
    expect(groups.news([group('g1', 2, 'renamed'), group('g2', 1, 'slack')], wanted)).toEqual([]);
    const deletion = groups.news([{ ...group('g1', 3, 'renamed'), state: 'deleted' }], wanted);
    expect(deletion).toMatchObject([{ objectId: 'g1', deleted: true }]);
    groups.add(deletion);
    expect(groups.resolver()('corp', DN)).toBe('g1');
    groups.add(groups.news([group('g2', 2, 'slack')], wanted));
    expect(groups.resolver()('corp', DN)).toBe('g2');
  });
});
