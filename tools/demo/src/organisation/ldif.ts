import { DEPARTMENTS } from './names.js';
import {
  BASE_DN,
  departmentDn,
  GROUPS_DN,
  PEOPLE_DN,
  type Group,
  type Organisation,
  type Person,
} from './organisation.js';
import { uuidOf } from './random.js';

export type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** What an entry of a person carries, without its DN. */
export function personAttributes(person: Person): Attributes {
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', ...(person.enabled ? [] : ['nsAccount'])],
    uid: person.uid,
    cn: `${person.givenName} ${person.familyName}`,
    givenName: person.givenName,
    sn: person.familyName,
    displayName: `${person.givenName} ${person.familyName}`,
    mail: person.mail,
    employeeNumber: person.employeeNumber,
    employeeType: person.employeeType,
    departmentNumber: person.department,
    title: person.title,
    ...(person.managerDn !== undefined && { manager: person.managerDn }),
    ...(!person.enabled && { nsAccountLock: 'true' }),
  };
}

export const groupAttributes = (group: Group): Attributes => ({
  objectClass: ['top', 'groupOfNames'],
  cn: group.cn,
  description: group.description,
  member: group.memberDns,
});

/** The whole organisation as LDIF (RFC 2849), units first, people before the groups that name them. */
export function toLdif({ people, groups }: Organisation): string {
  const unit = (dn: string, ou: string): string =>
    entry(dn, uuidOf(dn), { objectClass: ['top', 'organizationalUnit'], ou });
  return [
    'version: 1\n',
    entry(BASE_DN, uuidOf(BASE_DN), { objectClass: ['top', 'domain'], dc: 'corp' }),
    unit(PEOPLE_DN, 'people'),
    unit(GROUPS_DN, 'groups'),
    ...DEPARTMENTS.map((department) => unit(departmentDn(department), department)),
    ...people.map((person) => entry(person.dn, person.entryUuid, personAttributes(person))),
    ...groups.map((group) => entry(group.dn, group.entryUuid, groupAttributes(group))),
  ].join('\n');
}

function entry(dn: string, entryUuid: string, attributes: Attributes): string {
  const lines = [line('dn', dn), line('entryUUID', entryUuid)];
  for (const [name, values] of Object.entries(attributes))
    for (const value of typeof values === 'string' ? [values] : values) lines.push(line(name, value));
  return `${lines.join('\n')}\n`;
}

/** SAFE-STRING of RFC 2849; anything else goes as Base64. */
const SAFE = /^[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*$/;

function line(name: string, value: string): string {
  const safe = SAFE.test(value) && !value.endsWith(' ');
  return safe ? `${name}: ${value}` : `${name}:: ${Buffer.from(value, 'utf8').toString('base64')}`;
}
