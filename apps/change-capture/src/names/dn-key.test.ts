import { describe, expect, it } from 'vitest';
import { dnKey, isAtOrBelow } from './dn-key.js';

describe('dnKey', () => {
  it('is equal for equal names, root first', () => {
    expect(dnKey('UID=a , ou=People,dc=Example,dc=org')).toBe('dc=org,dc=example,ou=people,uid=a');
    expect(dnKey('uid=a,ou=people,dc=example,dc=org')).toBe(dnKey('uid=A, OU=people, DC=example, DC=org'));
    expect(dnKey('cn=Doe\\, John,dc=org')).toBe(dnKey('cn=Doe\\2c John,dc=org'));
  });

  it('puts what lies below right behind its name, and nothing else', () => {
    const base = dnKey('ou=people,dc=org');
    expect(isAtOrBelow(dnKey('ou=people,dc=org'), base)).toBe(true);
    expect(isAtOrBelow(dnKey('uid=a,ou=people,dc=org'), base)).toBe(true);
    expect(isAtOrBelow(dnKey('ou=people-x,dc=org'), base)).toBe(false);
    expect(isAtOrBelow(dnKey('dc=org'), base)).toBe(false);
  });

  it('makes text that is no name a key of its own', () => {
    expect(dnKey('jdoe')).toBe('?jdoe');
  });
});
