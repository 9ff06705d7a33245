import type { DirectoryGroup, DirectoryPerson } from '../directory/directory-client.js';
import { ENTERPRISE, type ScimGroup, type ScimUser } from '../scim/scim-reader.js';

export interface DirectoryContent {
  readonly people: readonly DirectoryPerson[];
  readonly groups: readonly DirectoryGroup[];
}
export interface ServiceProviderContent {
  readonly users: readonly ScimUser[];
  readonly groups: readonly ScimGroup[];
}

export interface Comparison {
  readonly users: number;
  readonly groups: number;
  /** Memberships of people in groups, and of groups in groups where the service provider takes them. */
  readonly memberships: number;
  /** In words; empty when both are equal. */
  readonly differences: readonly string[];
}

/** The facts about one account or group that both sides have to agree on, by name. */
type Facts = Readonly<Record<string, string>>;

/**
 * Compares what the directory says with what the service provider shows: everybody who is not external has exactly one account with
 * these values, every group exists once, and the members are those people and, with `nestedGroups`, those groups.
 */
export function compare(
  directory: DirectoryContent,
  provider: ServiceProviderContent,
  nestedGroups = false,
): Comparison {
  const expectedUsers = usersByDirectory(directory);
  const expectedGroups = groupsByDirectory(directory, nestedGroups);
  return {
    users: expectedUsers.size,
    groups: expectedGroups.size,
    memberships: [...expectedGroups.values()].reduce(
      (sum, { members }) => sum + (members === '' ? 0 : members.split(' ').length),
      0,
    ),
    differences: [
      ...differences('account', expectedUsers, usersByProvider(provider)),
      ...differences('group', expectedGroups, groupsByProvider(provider)),
    ],
  };
}

function usersByDirectory({ people }: DirectoryContent): Map<string, Facts> {
  const inScope = people.filter(({ external }) => !external);
  const uidByDn = new Map(inScope.map(({ dn, uid }) => [dn.toLowerCase(), uid]));
  return new Map(
    inScope.map((person) => [
      person.entryUuid,
      {
        userName: person.uid,
        active: String(person.enabled),
        givenName: person.givenName,
        familyName: person.familyName,
        displayName: person.displayName,
        mail: person.mail,
        title: person.title,
        department: person.department,
        manager: uidByDn.get(person.managerDn?.toLowerCase() ?? '') ?? '',
      },
    ]),
  );
}

function groupsByDirectory(
  { people, groups }: DirectoryContent,
  nestedGroups: boolean,
): Map<string, Facts & { members: string }> {
  const nameByDn = new Map(people.filter(({ external }) => !external).map(({ dn, uid }) => [dn.toLowerCase(), uid]));
  if (nestedGroups) for (const { dn, cn } of groups) nameByDn.set(dn.toLowerCase(), cn);
  return new Map(
    groups.map((group) => [
      group.entryUuid,
      { displayName: group.cn, members: sorted(group.memberDns.flatMap((dn) => nameByDn.get(dn.toLowerCase()) ?? [])) },
    ]),
  );
}

function usersByProvider({ users }: ServiceProviderContent): [string, Facts][] {
  const userNames = new Map(users.map(({ id, userName }) => [id, userName]));
  return users.map((user) => [user.externalId ?? `${user.userName} (no externalId)`, accountFacts(user, userNames)]);
}

function accountFacts(user: ScimUser, userNames: ReadonlyMap<string, string>): Facts {
  const { name = {}, [ENTERPRISE]: enterprise = {} } = user;
  return {
    userName: user.userName,
    active: String(user.active !== false),
    givenName: name.givenName ?? '',
    familyName: name.familyName ?? '',
    displayName: user.displayName ?? '',
    mail: user.emails?.find(({ type }) => type === 'work')?.value ?? '',
    title: user.title ?? '',
    department: enterprise.department ?? '',
    manager: userNames.get(enterprise.manager?.value ?? '') ?? '',
  };
}

function groupsByProvider({ users, groups }: ServiceProviderContent): [string, Facts][] {
  const names = new Map([
    ...users.map(({ id, userName }) => [id, userName] as const),
    ...groups.map(({ id, displayName }) => [id, displayName] as const),
  ]);
  return groups.map(({ externalId, displayName, members }) => [
    externalId ?? `${displayName} (no externalId)`,
    { displayName, members: sorted((members ?? []).map(({ value }) => names.get(value) ?? `unknown-id-${value}`)) },
  ]);
}

const sorted = (names: readonly string[]): string => [...names].sort().join(' ');

function differences(what: string, expected: ReadonlyMap<string, Facts>, actual: readonly [string, Facts][]): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const [id, facts] of actual) {
    const wanted = expected.get(id);
    const name = facts['userName'] ?? facts['displayName'] ?? id;
    if (wanted === undefined) found.push(`${what} ${name} should not be there`);
    else if (seen.has(id)) found.push(`${what} ${name} is there more than once`);
    else found.push(...factDifferences(`${what} ${name}`, wanted, facts));
    seen.add(id);
  }
  for (const [id, facts] of expected)
    if (!seen.has(id)) found.push(`${what} ${facts['userName'] ?? facts['displayName'] ?? id} is missing`);
  return found;
}

function factDifferences(name: string, wanted: Facts, actual: Facts): string[] {
  return Object.keys(wanted).flatMap((fact) => {
    const [should, is] = [wanted[fact] ?? '', actual[fact] ?? ''];
    if (should === is) return [];
    if (fact !== 'members') return [`${name}: ${fact} is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`];
    const [wantedMembers, actualMembers] = [should.split(' '), is.split(' ')];
    const missing = wantedMembers.filter((member) => member !== '' && !actualMembers.includes(member));
    const extra = actualMembers.filter((member) => member !== '' && !wantedMembers.includes(member));
    return [
      `${name}: ${missing.length} members missing (${missing.slice(0, 3).join(', ')}), ${extra.length} too many (${extra.slice(0, 3).join(', ')})`,
    ];
  });
}
