import type { IdentityChange } from '@provisor/contracts';
import type { Operation } from '../plan/plan.js';

interface Person {
  readonly id: string;
  present: boolean;
  enabled: boolean;
  staff: boolean;
  name: number;
  readonly groups: Set<string>;
  manager: string | undefined;
  sequence: number;
}

interface Team {
  readonly id: string;
  present: boolean;
  name: number;
  sequence: number;
}

export const DATA_STORE = 'directory';

/** The truth: who is there, and every state that was ever true, as identity changes. */
export class Organisation {
  /** All changes, oldest first. */
  readonly changes: IdentityChange[] = [];
  readonly #people: readonly Person[];
  readonly #teams: readonly Team[];
  readonly #time: () => number;

  constructor(size: { users: number; groups: number }, time: () => number) {
    this.#time = time;
    this.#people = Array.from({ length: size.users }, (_, index) => ({
      id: userId(index),
      ...{
        present: false,
        enabled: true,
        staff: true,
        name: 0,
        groups: new Set<string>(),
        manager: undefined,
        sequence: 0,
      },
    }));
    this.#teams = Array.from({ length: size.groups }, (_, index) => ({
      id: groupId(index),
      ...{ present: false, name: 0, sequence: 0 },
    }));
  }

  /** The newest state of every object that was ever there. */
  latest(): IdentityChange[] {
    return [...new Map(this.changes.map((change) => [change.objectId, change])).values()];
  }

  apply(operation: Operation): void {
    if ('user' in operation && isAboutPerson(operation)) {
      const person = this.#people[operation.user];
      if (person !== undefined && this.#changePerson(person, operation)) this.#told(person);
      return;
    }
    const team = 'group' in operation ? this.#teams[operation.group] : undefined;
    if (team !== undefined && changeTeam(team, operation.kind)) this.#toldTeam(team);
  }

  /** A change of no consequence, so that whatever is wrong with the account is noticed. */
  touch(user: number): void {
    const person = this.#people[user];
    if (person?.present !== true) return;
    person.name += 1;
    this.#told(person);
  }

  #changePerson(person: Person, operation: Operation): boolean {
    if (operation.kind === 'hire' || operation.kind === 'return') return this.#enter(person);
    if (!person.present) return false;
    switch (operation.kind) {
      case 'rename':
        person.name += 1;
        return true;
      case 'disable':
      case 'enable':
        return set(person, 'enabled', operation.kind === 'enable');
      case 'leave':
        return set(person, 'present', false);
      case 'transfer-out':
      case 'transfer-in':
        return set(person, 'staff', operation.kind === 'transfer-in');
      case 'join':
        return !person.groups.has(groupId(operation.group)) && person.groups.add(groupId(operation.group)).size > 0;
      case 'quit':
        return person.groups.delete(groupId(operation.group));
      case 'manager':
        return set(person, 'manager', operation.manager === operation.user ? undefined : userId(operation.manager));
      default:
        return false;
    }
  }

  #enter(person: Person): boolean {
    if (person.present) return false;
    person.present = true;
    person.enabled = true;
    person.staff = true;
    return true;
  }

  #told(person: Person): void {
    person.sequence += 1;
    const common = this.#common(person, 'user');
    if (!person.present) {
      this.changes.push({ ...common, state: 'deleted' });
      return;
    }
    this.changes.push({
      ...common,
      state: 'present',
      enabled: person.enabled,
      attributes: {
        uid: [person.id],
        sn: [`Name ${person.name}`],
        rev: [String(person.sequence)],
        // A value that soon comes back.
        shift: [person.name % 2 === 0 ? 'early' : 'late'],
        employeeType: [person.staff ? 'staff' : 'guest'],
      },
      memberOf: [...person.groups].sort(),
      ...(person.manager === undefined ? {} : { references: { manager: person.manager } }),
    });
  }

  #toldTeam(team: Team): void {
    team.sequence += 1;
    const common = this.#common(team, 'group');
    if (!team.present) {
      this.changes.push({ ...common, state: 'deleted' });
      return;
    }
    this.changes.push({
      ...common,
      state: 'present',
      attributes: { cn: [`${team.id} ${team.name}`], rev: [String(team.sequence)] },
      memberOf: [],
    });
  }

  #common({ id, sequence }: { id: string; sequence: number }, objectType: 'user' | 'group') {
    const at = new Date(this.#time()).toISOString();
    return { dataStore: DATA_STORE, objectId: id, objectType, sequence, occurredAt: at, capturedAt: at } as const;
  }
}

export const userId = (index: number): string => `u${index}`;
export const groupId = (index: number): string => `g${index}`;

/** A number for every object, to stand in a trace. */
export const numberOf = (objectId: string): number =>
  Number(objectId.slice(1)) + (objectId.startsWith('g') ? 1_000 : 0);

const isAboutPerson = (operation: Operation): operation is Extract<Operation, { user: number }> =>
  operation.kind !== 'provision-now' && !operation.kind.startsWith('group-');

function changeTeam(team: Team, kind: Operation['kind']): boolean {
  switch (kind) {
    case 'group-create':
      return set(team, 'present', true);
    case 'group-delete':
      return set(team, 'present', false);
    case 'group-rename':
      team.name += 1;
      return team.present;
    default:
      return false;
  }
}

function set<T, K extends keyof T>(of: T, key: K, value: T[K]): boolean {
  if (of[key] === value) return false;
  of[key] = value;
  return true;
}
