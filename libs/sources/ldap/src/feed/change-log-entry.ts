import type { SourceInstant, Touch } from '@provisor/provisioning';
import type { Entry } from 'ldapts';
import { parseGeneralizedTime } from '../entry/generalized-time.js';
import { parentDn } from '../entry/parent-dn.js';

/** What is asked of a change log entry (draft-good-ldap-changelog, and what servers add to it). The changes themselves are not read. */
export const CHANGE_LOG_ATTRIBUTES = [
  ...['changeNumber', 'changeType', 'targetDN', 'newRDN', 'newSuperior', 'changeTime', 'createTimestamp'],
  // PingDirectory, and 389 Directory Server and ODSEE.
  ...['targetEntryUUID', 'targetUniqueID', 'nsUniqueId'],
];

export interface ChangeLogEntry {
  readonly number: number;
  readonly touch: Touch;
  /** Tells this change from another one that a replaced server gave the same number. */
  readonly mark: string;
}

/** Reads one entry of a change log; undefined when it is none. */
export function parseChangeLogEntry(entry: Entry): ChangeLogEntry | undefined {
  const value = valuesByName(entry);
  const number = Number(value('changenumber'));
  const dn = value('targetdn');
  const change = changeOf(value('changetype'));
  if (!Number.isSafeInteger(number) || dn === undefined || change === undefined) return undefined;

  const time = value('changetime') ?? value('createtimestamp');
  const at: SourceInstant | undefined = time === undefined ? undefined : parseGeneralizedTime(time);
  const objectId = value('targetentryuuid');
  const newRdn = value('newrdn');
  return {
    number,
    mark: [change, dn, time ?? ''].join('|'),
    touch: {
      change,
      dn,
      ...(change === 'rename' && newRdn !== undefined ? { newDn: nameAfter(dn, newRdn, value('newsuperior')) } : {}),
      ...(objectId === undefined ? {} : { objectId }),
      ...(at === undefined ? {} : { at }),
    },
  };
}

const changeOf = (type: string | undefined): Touch['change'] | undefined => {
  switch (type?.toLowerCase()) {
    case 'add':
      return 'add';
    case 'modify':
      return 'modify';
    case 'delete':
      return 'delete';
    // The draft says modrdn, UnboundID's server and PingDirectory say moddn.
    case 'modrdn':
    case 'moddn':
      return 'rename';
    default:
      return undefined;
  }
};

function nameAfter(dn: string, newRdn: string, newSuperior: string | undefined): string {
  const superior = newSuperior ?? parentDn(dn);
  return superior === '' ? newRdn : `${newRdn},${superior}`;
}

function valuesByName(entry: Entry): (name: string) => string | undefined {
  const byName = new Map(Object.entries(entry).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => {
    const value = byName.get(name);
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined || first.length === 0 ? undefined : first.toString();
  };
}
