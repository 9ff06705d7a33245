import { DEPARTMENTS, NAME_SETS, PURPOSES, TITLES, type Department } from './names.js';
import { Random, uuidOf } from './random.js';

export const BASE_DN = 'dc=corp,dc=example';
export const PEOPLE_DN = `ou=people,${BASE_DN}`;
export const GROUPS_DN = `ou=groups,${BASE_DN}`;

export interface Person {
  readonly entryUuid: string;
  readonly dn: string;
  readonly uid: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly mail: string;
  readonly employeeNumber: string;
  /** External people are in the directory but not in the scope of the demo's SP connection. */
  readonly employeeType: 'staff' | 'external';
  readonly department: Department;
  readonly title: string;
  readonly enabled: boolean;
  /** DN; absent for the head of everybody. */
  readonly managerDn?: string;
}

export interface Group {
  readonly entryUuid: string;
  readonly dn: string;
  readonly cn: string;
  readonly description: string;
  /** DNs of people and of other groups. */
  readonly memberDns: readonly string[];
}

export interface Organisation {
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
}

export interface OrganisationOptions {
  readonly users: number;
  readonly seed: string;
}

const GROUP_COUNT = 40;
const DISABLED = 0.04;
const EXTERNAL = 0.05;
/** Who leads others leads this many people, and is never external. */
const SPAN = 8;
/** Many service providers take no larger group. */
const MOST_MEMBERS = 800;

/** DN of a department's unit; the comma-free names need no escaping but for the ampersand, which is not special in a DN. */
export const departmentDn = (department: Department): string => `ou=${department},${PEOPLE_DN}`;
export const personDn = (uid: string, department: Department): string => `uid=${uid},${departmentDn(department)}`;

/** An organisation of `users` people and 40 groups, some of them in other groups; the same for the same seed and size. */
export function generateOrganisation(o: OrganisationOptions): Organisation {
  const random = new Random(`${o.seed}/people`);
  const people: Person[] = [];
  for (let index = 0; index < o.users; index += 1) people.push(generatePerson(index, { before: people, random, ...o }));
  return { people, groups: generateGroups(people, new Random(`${o.seed}/groups`), o.seed) };
}

/** The person with this number. Those before are needed for the manager. */
function generatePerson(
  index: number,
  { before, random, seed, users }: OrganisationOptions & { before: readonly Person[]; random: Random },
): Person {
  const names = random.pick(NAME_SETS);
  const department = random.pick(DEPARTMENTS);
  const number = 1001 + index;
  const uid = `u${number}`;
  const leads = index * SPAN + 1 < users;
  const manager = index === 0 ? undefined : before[Math.floor((index - 1) / SPAN)];
  return {
    entryUuid: uuidOf(`${seed}/person/${index}`),
    dn: personDn(uid, department),
    uid,
    givenName: random.pick(names.given),
    familyName: random.pick(names.family),
    mail: `${uid}@corp.example`,
    employeeNumber: String(number),
    employeeType: random.chance(EXTERNAL) && !leads ? 'external' : 'staff',
    department,
    title: index <= SPAN ? 'Head' : random.pick(TITLES),
    enabled: !random.chance(DISABLED),
    ...(manager !== undefined && { managerDn: manager.dn }),
  };
}

function generateGroups(people: readonly Person[], random: Random, seed: string): Group[] {
  const drafts: { cn: string; description: string; memberDns: string[] }[] = [];
  for (const department of DEPARTMENTS) {
    const members = people.filter((person) => person.department === department);
    drafts.push(draft(slug(department), `The team of ${department}`, members.slice(0, MOST_MEMBERS)));
    const deputies = members.filter((_, index) => index % SPAN === 0);
    drafts.push(draft(`${slug(department)}-deputies`, `Who stands in for others in ${department}`, deputies));
  }
  for (const purpose of PURPOSES) {
    const size = 1 + random.below(Math.min(MOST_MEMBERS, Math.ceil(people.length / 12)));
    drafts.push(draft(purpose, `Group of ${purpose.replaceAll('-', ' ')}`, random.sample(people, size)));
  }
  // A small organisation leaves departments empty, and an empty group is no groupOfNames.
  const groups = drafts.filter(({ memberDns }) => memberDns.length > 0);
  for (let circle = 1; groups.length < GROUP_COUNT; circle += 1) {
    const inner = random.sample(groups, 2 + random.below(2));
    const direct = random.sample(people, 1 + random.below(4)).map(({ dn }) => dn);
    groups.push({
      cn: `circle-${circle}`,
      description: `Contains ${inner.map(({ cn }) => cn).join(', ')}`,
      memberDns: [...inner.map(({ cn }) => groupDn(cn)), ...direct],
    });
  }
  return groups.map((group) => ({ ...group, dn: groupDn(group.cn), entryUuid: uuidOf(`${seed}/group/${group.cn}`) }));
}

const draft = (cn: string, description: string, members: readonly Person[]) => ({
  cn,
  description,
  memberDns: members.map(({ dn }) => dn),
});

const groupDn = (cn: string): string => `cn=${cn},${GROUPS_DN}`;
const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, '-');
