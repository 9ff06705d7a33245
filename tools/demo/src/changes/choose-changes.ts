import type { DirectoryContent, ServiceProviderContent } from '../comparison/comparison.js';
import type { DirectoryClient, DirectoryGroup, DirectoryPerson } from '../directory/directory-client.js';
import { personAttributes } from '../organisation/ldif.js';
import { DEPARTMENTS, NAME_SETS, type Department } from '../organisation/names.js';
import { personDn } from '../organisation/organisation.js';
import { uuidOf, type Random } from '../organisation/random.js';
import type { ScimReader } from '../scim/scim-reader.js';
import type { LiveChange } from './live-change.js';

export interface ChangeContext {
  readonly directory: DirectoryClient;
  readonly provider: ScimReader;
  readonly content: DirectoryContent;
  readonly accounts: ServiceProviderContent;
  /** Makes names of this demo's run differ from those of the one before. */
  readonly run: number;
  readonly random: Random;
}

/** How many changes of each kind. */
const ROUNDS = 6;
/** Groups are read whole to see a member, so large ones would measure the reading. */
const LARGEST_GROUP = 200;

/** Some dozen changes of all kinds, to people chosen by chance; fewer where the organisation is too small. */
export function chooseChanges(context: ChangeContext): LiveChange[] {
  const { content, random } = context;
  const leads = new Set(content.people.flatMap(({ managerDn }) => managerDn?.toLowerCase() ?? []));
  const free = content.people.filter((p) => !p.external && p.enabled && !leads.has(p.dn.toLowerCase()));
  const candidates = random.sample(free, ROUNDS * 4);
  // Nobody is changed twice: what one change is waited for must not be undone by another.
  const taken = new Set(candidates.map(({ entryUuid }) => entryUuid));
  const changes: LiveChange[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = (): DirectoryPerson | undefined => candidates.pop();
    const number = context.run * 1000 + round;
    changes.push(
      ...each(next(), (person) => mailChange(context, person, number)),
      ...each(next(), (person) => renameAndMove(context, person, number)),
      ...membershipChanges(context, taken),
      ...each(next(), (person) => disabling(context, person)),
      ...(round % 2 === 0 ? each(next(), (person) => deletion(context, person)) : []),
      newPerson(context, number),
    );
  }
  return changes;
}

const each = <T>(item: T | undefined, make: (item: T) => LiveChange): LiveChange[] =>
  item === undefined ? [] : [make(item)];

function accountId({ accounts }: ChangeContext, objectId: string): string {
  const all = [...accounts.users, ...accounts.groups];
  return all.find(({ externalId }) => externalId === objectId)?.id ?? objectId;
}

function mailChange(context: ChangeContext, person: DirectoryPerson, number: number): LiveChange {
  const id = accountId(context, person.entryUuid);
  const mail = `${person.uid}.${number}@corp.example`;
  return {
    kind: 'change of mail address',
    title: `${person.displayName}: ${mail}`,
    objectId: person.entryUuid,
    make: () => context.directory.replace(person.dn, 'mail', mail),
    arrived: async () => (await context.provider.user(id))?.emails?.some(({ value }) => value === mail) === true,
  };
}

function renameAndMove(context: ChangeContext, person: DirectoryPerson, number: number): LiveChange {
  const id = accountId(context, person.entryUuid);
  const department = context.random.pick(DEPARTMENTS.filter((other) => !person.dn.includes(`ou=${other},`)));
  const uid = `${person.uid.replace(/-.*/, '')}-${number}`;
  return {
    kind: 'rename and move',
    title: `${person.uid} becomes ${uid}, below ${department}`,
    objectId: person.entryUuid,
    make: () => context.directory.rename(person.dn, personDn(uid, department)),
    arrived: async () => (await context.provider.user(id))?.userName === uid,
  };
}

function membershipChanges(context: ChangeContext, taken: Set<string>): LiveChange[] {
  const { content, random } = context;
  const people = new Map(
    content.people
      .filter((p) => !p.external && p.enabled && !taken.has(p.entryUuid))
      .map((p) => [p.dn.toLowerCase(), p]),
  );
  const groups = content.groups.filter(
    ({ memberDns }) => memberDns.length > ROUNDS && memberDns.length <= LARGEST_GROUP,
  );
  const group = groups.length === 0 ? undefined : random.pick(groups);
  if (group === undefined) return [];
  const inside = group.memberDns.flatMap((dn) => people.get(dn.toLowerCase()) ?? []);
  const outside = [...people.values()].filter(({ dn }) => !group.memberDns.includes(dn));
  const [joins, leaves] = [random.sample(outside, 1)[0], random.sample(inside, 1)[0]];
  for (const person of [joins, leaves]) if (person !== undefined) taken.add(person.entryUuid);
  return [
    ...each(joins, (person) => addition(context, person, group)),
    ...each(leaves, (person) => removal(context, person, group)),
  ];
}

async function isMember(context: ChangeContext, group: DirectoryGroup, person: DirectoryPerson): Promise<boolean> {
  const found = await context.provider.group(accountId(context, group.entryUuid));
  const member = accountId(context, person.entryUuid);
  return found?.members?.some(({ value }) => value === member) === true;
}

function addition(context: ChangeContext, person: DirectoryPerson, group: DirectoryGroup): LiveChange {
  return {
    kind: 'addition to a group',
    title: `${person.displayName} joins ${group.cn}`,
    objectId: person.entryUuid,
    make: () => context.directory.addValue(group.dn, 'member', person.dn),
    arrived: () => isMember(context, group, person),
  };
}

function removal(context: ChangeContext, person: DirectoryPerson, group: DirectoryGroup): LiveChange {
  return {
    kind: 'removal from a group',
    title: `${person.displayName} leaves ${group.cn}`,
    objectId: person.entryUuid,
    make: () => context.directory.removeValue(group.dn, 'member', person.dn),
    arrived: async () => !(await isMember(context, group, person)),
  };
}

function disabling(context: ChangeContext, person: DirectoryPerson): LiveChange {
  const id = accountId(context, person.entryUuid);
  return {
    kind: 'disabling',
    title: `${person.displayName} (${person.uid})`,
    objectId: person.entryUuid,
    make: () => context.directory.disable(person.dn),
    arrived: async () => (await context.provider.user(id))?.active === false,
  };
}

function deletion(context: ChangeContext, person: DirectoryPerson): LiveChange {
  const id = accountId(context, person.entryUuid);
  return {
    kind: 'deletion',
    title: `${person.displayName} (${person.uid})`,
    objectId: person.entryUuid,
    make: () => context.directory.delete(person.dn),
    arrived: async () => (await context.provider.user(id)) === undefined,
  };
}

function newPerson(context: ChangeContext, number: number): LiveChange {
  const { random, directory, provider } = context;
  const names = random.pick(NAME_SETS);
  const department: Department = random.pick(DEPARTMENTS);
  const uid = `n${number}`;
  const person = {
    entryUuid: uuidOf(`new/${number}`),
    dn: personDn(uid, department),
    uid,
    givenName: random.pick(names.given),
    familyName: random.pick(names.family),
    mail: `${uid}@corp.example`,
    employeeNumber: String(number),
    employeeType: 'staff',
    department,
    title: 'Apprentice',
    enabled: true,
  } as const;
  return {
    kind: 'new person',
    title: `${person.givenName} ${person.familyName} (${uid})`,
    make: () => directory.add(person.dn, personAttributes(person)),
    arrived: async () => (await provider.userNamed(uid)) !== undefined,
  };
}
