import { describe, expect, it } from 'vitest';
import { parseChangeLogEntry } from './change-log-entry.js';
import { gapOf } from './change-log-feed.js';

const entry = (fields: Record<string, string>) => ({ dn: 'changeNumber=7,cn=changelog', changeNumber: '7', ...fields });

describe('parseChangeLogEntry', () => {
  it('reads additions, changes and deletions as servers write them', () => {
    expect(
      parseChangeLogEntry(entry({ changeType: 'modify', targetDN: 'uid=a,dc=x', changeTime: '20260102030405.678Z' })),
    ).toEqual({
      number: 7,
      mark: 'modify|uid=a,dc=x|20260102030405.678Z',
      touch: { change: 'modify', dn: 'uid=a,dc=x', at: { at: new Date('2026-01-02T03:04:05.678Z'), subSecond: true } },
    });
    expect(
      parseChangeLogEntry({
        dn: '',
        changenumber: '8',
        CHANGETYPE: 'ADD',
        targetdn: 'uid=a,dc=x',
        targetEntryUUID: 'u-1',
      }),
    ).toMatchObject({ number: 8, touch: { change: 'add', dn: 'uid=a,dc=x', objectId: 'u-1' } });
    expect(parseChangeLogEntry(entry({ changeType: 'delete', targetDN: 'uid=a,dc=x' }))?.touch.change).toBe('delete');
  });

  it('works out the name after a rename, in place or below another entry', () => {
    const renamed = (fields: Record<string, string>) =>
      parseChangeLogEntry(
        entry({ changeType: 'modrdn', targetDN: 'cn=Doe\\, John,ou=a,dc=x', newRDN: 'cn=Jane', ...fields }),
      )?.touch;
    expect(renamed({})).toEqual({ change: 'rename', dn: 'cn=Doe\\, John,ou=a,dc=x', newDn: 'cn=Jane,ou=a,dc=x' });
    expect(renamed({ newSuperior: 'ou=b,dc=x' })?.newDn).toBe('cn=Jane,ou=b,dc=x');
    expect(renamed({ changeType: 'moddn' })?.newDn).toBe('cn=Jane,ou=a,dc=x');
  });

  it('leaves out what is no change', () => {
    expect(parseChangeLogEntry({ dn: 'cn=changelog', objectClass: 'container' })).toBeUndefined();
    expect(parseChangeLogEntry(entry({ changeType: 'bind', targetDN: 'uid=a,dc=x' }))).toBeUndefined();
    expect(parseChangeLogEntry(entry({ changeType: 'add' }))).toBeUndefined();
  });
});

describe('gapOf', () => {
  it('sees a log that went back, and one that was trimmed', () => {
    expect(gapOf(10, { first: 1, last: 10 })).toBeUndefined();
    expect(gapOf(10, { first: 11, last: 20 })).toBeUndefined();
    expect(gapOf(10, { first: 12, last: 20 })).toMatch(/trimmed: change 11 is gone, the oldest one left is 12/);
    expect(gapOf(10, { first: 1, last: 9 })).toMatch(/went back from change 10 to 9/);
    expect(gapOf(10, { first: undefined, last: undefined })).toBeUndefined();
  });
});
