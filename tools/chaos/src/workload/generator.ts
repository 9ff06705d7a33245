import { setTimeout as pause } from 'node:timers/promises';
import {
  DEPARTMENTS,
  NAME_SETS,
  personAttributes,
  personDn,
  type DirectoryClient,
  type Person,
  type Random,
} from '@provisor/demo';
import { titleOf, type PersonTruth, type Truth } from './truth.js';

export const OPERATIONS = ['create', 'update', 'disable', 'delete', 'restore', 'group'] as const;
export type WorkloadOperation = (typeof OPERATIONS)[number];

/** In per cent of the changes of people. */
const SHARES: readonly (readonly [WorkloadOperation, number])[] = [
  ['create', 30],
  ['update', 50],
  ['disable', 10],
  ['delete', 5],
  ['restore', 5],
];
/** Group changes come beside, so many to a hundred changes of people. */
const GROUP_SHARE = 15;
const RENAME_SHARE = 0.06;

export interface GeneratorOptions {
  readonly truth: Truth;
  readonly random: Random;
  /** Asked before each operation, because a directory that was replaced has another one. */
  readonly client: () => DirectoryClient;
  readonly perSecond: number;
  /** Begins every employee number, which is masked. */
  readonly canary: string;
}

/** Writes a mixed workload into the directory, one operation at a time, and keeps the truth. */
export class Generator {
  readonly counts: Record<WorkloadOperation, number> = {
    create: 0,
    update: 0,
    disable: 0,
    delete: 0,
    restore: 0,
    group: 0,
  };
  readonly #o: GeneratorOptions;
  #running: Promise<void> | undefined;
  #stopping = false;
  #halted = 0;
  #turn: Promise<void> = Promise.resolve();
  #number = 0;
  #failure: Error | undefined;

  constructor(options: GeneratorOptions) {
    this.#o = options;
  }

  get operations(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  /** Resolves when the last operation is acknowledged. @throws what the directory said against one */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#running = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs `work` while no operation is under way; those that are due wait. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#halted += 1;
    try {
      await this.#turn;
      return await work();
    } finally {
      this.#halted -= 1;
    }
  }

  /** So many operations of one kind, as fast as the directory takes them. */
  async burst(operation: WorkloadOperation, count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) await this.#next(operation);
  }

  /** Account names of those who will be created next. */
  nextUids(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `c${this.#number + 1 + index}`);
  }

  async #run(): Promise<void> {
    const { random, perSecond } = this.#o;
    try {
      while (!this.#stopping) {
        if (this.#halted === 0) await this.#next(this.#choose());
        await pause((1000 / perSecond) * (0.5 + random.next()));
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  #next(operation: WorkloadOperation): Promise<void> {
    const next = this.#turn.then(() => this.#perform(operation));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #choose(): WorkloadOperation {
    const { random } = this.#o;
    let ticket = random.below(100 + GROUP_SHARE);
    for (const [operation, share] of SHARES) {
      if (ticket < share) return operation;
      ticket -= share;
    }
    return 'group';
  }

  async #perform(operation: WorkloadOperation): Promise<void> {
    const steps: Record<WorkloadOperation, () => Promise<boolean>> = {
      create: () => this.#create(),
      update: () => this.#update(),
      disable: () => this.#enable(false),
      delete: () => this.#delete(),
      restore: () => (this.#o.random.chance(0.5) ? this.#enable(true) : this.#recreate()),
      group: () => this.#group(),
    };
    if (await steps[operation]()) this.counts[operation] += 1;
  }

  #pick(holds: (truth: PersonTruth) => boolean): PersonTruth | undefined {
    const candidates = this.#o.truth.present().filter(holds);
    return candidates.length === 0 ? undefined : this.#o.random.pick(candidates);
  }

  async #create(): Promise<boolean> {
    const { random, canary } = this.#o;
    const names = random.pick(NAME_SETS);
    const uid = `c${(this.#number += 1)}`;
    const department = random.pick(DEPARTMENTS);
    const manager = this.#pick(({ person }) => person.employeeType === 'staff');
    return this.#add(
      {
        entryUuid: '',
        dn: personDn(uid, department),
        uid,
        givenName: random.pick(names.given),
        familyName: random.pick(names.family),
        mail: `${uid}@corp.example`,
        employeeNumber: `${canary}-${uid}`,
        employeeType: random.chance(0.05) ? 'external' : 'staff',
        department,
        title: titleOf(0),
        enabled: true,
        ...(manager !== undefined && { managerDn: manager.person.dn }),
      },
      0,
    );
  }

  /** Somebody who left comes back under the same name: another object with the same account name. */
  async #recreate(): Promise<boolean> {
    const { truth, random } = this.#o;
    const taken = new Set(truth.present().map(({ person }) => person.uid));
    const gone = [...truth.people.values()].filter(({ deleted, person }) => deleted && !taken.has(person.uid));
    if (gone.length === 0) return false;
    const { person, revision } = random.pick(gone);
    return this.#add({ ...person, title: titleOf(revision + 1), enabled: true }, revision + 1);
  }

  async #add(person: Person, revision: number): Promise<boolean> {
    const client = this.#o.client();
    await client.add(person.dn, personAttributes(person));
    const entryUuid = await client.entryUuid(person.dn);
    this.#o.truth.enter({ ...person, entryUuid }, revision);
    return true;
  }

  async #update(): Promise<boolean> {
    const { random } = this.#o;
    const known = this.#pick(() => true);
    if (known === undefined) return false;
    if (random.chance(RENAME_SHARE)) return this.#rename(known);
    const { person } = known;
    const mail = `${person.uid}.${known.revision + 1}@corp.example`;
    const familyName = random.pick(random.pick(NAME_SETS).family);
    const next = random.chance(0.5) ? { ...person, mail } : { ...person, mail, familyName };
    return this.#change(known, next, (title) => ({
      mail: [next.mail],
      sn: [next.familyName],
      title: [title],
    }));
  }

  /** The title follows at once, in an operation of its own: LDAP cannot do both in one. */
  async #rename(known: PersonTruth): Promise<boolean> {
    const { truth, client } = this.#o;
    const uid = `${known.person.uid.replace(/-.*/, '')}-${known.revision + 1}`;
    const person = { ...known.person, uid, dn: personDn(uid, known.person.department) };
    // Between the two operations the old title stands with the new name.
    truth.announce(known, person, known.revision + 0.5);
    await client().rename(known.person.dn, person.dn);
    known.person = person;
    return this.#change(known, person, (title) => ({ title: [title] }));
  }

  async #enable(enabled: boolean): Promise<boolean> {
    const known = this.#pick(({ person }) => person.enabled !== enabled);
    if (known === undefined) return false;
    const next = { ...known.person, enabled };
    const { objectClass = [] } = personAttributes(next);
    return this.#change(known, next, (title) => ({
      objectClass: [objectClass].flat(),
      nsAccountLock: enabled ? [] : ['true'],
      title: [title],
    }));
  }

  async #change(
    known: PersonTruth,
    changed: Person,
    attributes: (title: string) => Readonly<Record<string, readonly string[]>>,
  ): Promise<boolean> {
    const revision = known.revision + 1;
    const next = { ...changed, title: titleOf(revision) };
    this.#o.truth.announce(known, next, revision);
    await this.#o.client().replaceAll(next.dn, attributes(next.title));
    Object.assign(known, { person: next, revision });
    return true;
  }

  async #delete(): Promise<boolean> {
    const known = this.#pick(() => true);
    if (known === undefined) return false;
    await this.#o.client().delete(known.person.dn);
    known.deleted = true;
    return true;
  }

  async #group(): Promise<boolean> {
    const { truth, random, client } = this.#o;
    const { group, members } = random.pick([...truth.groups.values()]);
    const person = this.#pick(({ person: { dn } }) => !members.has(dn));
    if (person !== undefined && (members.size <= 1 || random.chance(0.5))) {
      await client().addValue(group.dn, 'member', person.person.dn);
      members.add(person.person.dn);
      return true;
    }
    if (members.size <= 1) return false;
    const leaving = random.pick([...members]);
    await client().removeValue(group.dn, 'member', leaving);
    members.delete(leaving);
    return true;
  }
}
