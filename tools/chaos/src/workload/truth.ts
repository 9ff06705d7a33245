import type { Group, Organisation, Person } from '@provisor/demo';

/** What a write of an account may say. */
export interface Facts {
  readonly userName: string;
  readonly active: boolean;
  readonly givenName: string;
  readonly familyName: string;
  readonly mail: string;
  readonly title: string;
  readonly department: string;
}

/** A person at the source with everything that was ever true of it. Each change has a revision, which stands in the title. */
export interface PersonTruth {
  person: Person;
  revision: number;
  deleted: boolean;
  /** By revision. */
  readonly history: Map<number, Facts>;
}

export interface GroupTruth {
  readonly group: Group;
  readonly members: Set<string>;
}

export const titleOf = (revision: number): string => `r${revision}`;
/** The revision in a title; undefined for any other text. */
export const revisionOf = (title: string): number | undefined => {
  const found = /^r(\d+)$/.exec(title);
  return found === null ? undefined : Number(found[1]);
};

/** The history of the source, by object id: what the directory has acknowledged. */
export class Truth {
  readonly people = new Map<string, PersonTruth>();
  readonly groups = new Map<string, GroupTruth>();

  constructor(organisation: Organisation) {
    for (const person of organisation.people) this.enter(person, 0);
    for (const group of organisation.groups)
      this.groups.set(group.entryUuid, { group, members: new Set(group.memberDns) });
  }

  enter(person: Person, revision: number): void {
    const known = { person, revision, deleted: false, history: new Map([[revision, factsOf(person)]]) };
    this.people.set(person.entryUuid, known);
  }

  /** Before the directory is told, because what it has taken may be seen at once. */
  announce(known: PersonTruth, next: Person, revision: number): void {
    known.history.set(revision, factsOf(next));
  }

  present(): PersonTruth[] {
    return [...this.people.values()].filter(({ deleted }) => !deleted);
  }

  /** The source as it is now, to start a directory with. */
  organisation(): Organisation {
    return {
      people: this.present().map(({ person }) => person),
      groups: [...this.groups.values()].map(({ group, members }) => ({ ...group, memberDns: [...members] })),
    };
  }
}

export const factsOf = (person: Person): Facts => ({
  userName: person.uid,
  active: person.enabled,
  givenName: person.givenName,
  familyName: person.familyName,
  mail: person.mail,
  title: person.title,
  department: person.department,
});
