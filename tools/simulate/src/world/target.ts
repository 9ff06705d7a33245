import type { ObjectType, TargetAttributes, Version } from '@provisor/contracts';
import type {
  CallOutcome,
  CreateRequest,
  LookupAnswer,
  LookupRequest,
  MembersOutcome,
  MembersRequest,
  ReadRequest,
  RemoveRequest,
  TargetReferences,
  UpdateRequest,
} from '@provisor/provisioning';
import type { Setup } from '../plan/plan.js';

export interface Account {
  readonly id: string;
  readonly type: ObjectType;
  active: boolean;
  attributes: Record<string, unknown>;
  references: Record<string, string>;
  readonly members: Set<string>;
  readonly createdAt: number;
  version: number;
}

export type RequestKind = 'describe' | 'lookup' | 'read' | 'create' | 'update' | 'remove' | 'members';

/** One request as the service provider saw it. Instants in milliseconds since the epoch, by the true clock. */
export interface Entry {
  readonly kind: RequestKind;
  readonly connection: string;
  readonly scope: string;
  /** Dispatcher process that sent it. */
  readonly process: number;
  /** Of the partition when it was sent. */
  readonly epoch: number;
  readonly objectId: string;
  /** Version that it was made for, where its trace says so. */
  readonly version: Version | undefined;
  readonly sentAt: number;
  readonly began: number;
  at: number | undefined;
  ended: number | undefined;
  effect: 'none' | 'changed' | 'unchanged';
  targetId: string | undefined;
  /** An account was closed: disabled or deleted. */
  closes: boolean;
  /** An account was opened: created or enabled. */
  opens: boolean;
  deletes: boolean;
  written: Readonly<Record<string, unknown>>;
  /** What the request is about: target paths, references among them, and `active`; for members their object ids. */
  readonly paths: readonly string[];
  /** Those of them that lose their value. */
  readonly cleared: readonly string[];
  retryAfterMs: number | undefined;
  /** The service provider refused it for good. */
  refused: boolean;
  /** The answer was not, or only partly, what happened. */
  fault: string | undefined;
}

/** What the service provider did: its answer, and what goes into the ledger. */
export interface Effect<T> {
  readonly answer: T;
  readonly effect: Entry['effect'];
  readonly targetId?: string;
  readonly closes?: boolean;
  readonly opens?: boolean;
  readonly deletes?: boolean;
}

const NAMES: Readonly<Record<ObjectType, string>> = { user: 'userName', group: 'displayName' };

/** A service provider that does what it is told, at once. */
export class Target {
  readonly accounts = new Map<string, Account>();
  readonly #setup: Setup;
  readonly #now: () => number;
  readonly #name: string;
  #made = 0;

  constructor(name: string, setup: Setup, now: () => number) {
    this.#name = name;
    this.#setup = setup;
    this.#now = now;
  }

  /** An account that somebody else made. */
  plant(type: ObjectType, attributes: Record<string, unknown>): Account {
    const id = `${this.#name}-${(this.#made += 1)}`;
    const account: Account = {
      ...{ id, type, active: true, attributes, references: {}, version: 1 },
      members: new Set(),
      createdAt: this.#now(),
    };
    this.accounts.set(id, account);
    return account;
  }

  /** The object that an account says it belongs to. */
  objectOf(targetId: string): string {
    const externalId = this.accounts.get(targetId)?.attributes['externalId'];
    return typeof externalId === 'string' ? externalId : '';
  }

  lookup({ objectType, objectId, attributes, references }: LookupRequest): Effect<LookupAnswer> {
    const visible = [...this.accounts.values()].filter(
      (account) => account.type === objectType && this.#now() - account.createdAt >= this.#setup.readDelayMs,
    );
    const name = NAMES[objectType];
    const byId = visible.filter(
      (account) => account.attributes['externalId'] === (attributes['externalId'] ?? objectId),
    );
    const found = byId.length > 0 ? byId : visible.filter((account) => account.attributes[name] === attributes[name]);
    const [account] = found;
    if (account === undefined) return { answer: { kind: 'none' }, effect: 'none' };
    if (found.length > 1) return { answer: { kind: 'several', targetIds: found.map(({ id }) => id) }, effect: 'none' };
    return shown(account, Object.keys(attributes), references);
  }

  read({ targetId, paths, references }: ReadRequest): Effect<LookupAnswer> {
    const account = this.accounts.get(targetId);
    return account === undefined
      ? { answer: { kind: 'none' }, effect: 'none', targetId }
      : shown(account, paths, references);
  }

  create({ objectType, active, attributes, references }: CreateRequest): Effect<CallOutcome> {
    const name = NAMES[objectType];
    const same = [...this.accounts.values()].some(
      (account) => account.type === objectType && account.attributes[name] === attributes[name],
    );
    if (same && this.#setup.unique) return { effect: 'none', answer: uniqueness };
    const account = this.plant(objectType, { ...attributes });
    account.active = active;
    refer(account, references);
    return { effect: 'changed', targetId: account.id, opens: active, answer: applied(account) };
  }

  update({ targetId, set, clear, active, references }: UpdateRequest): Effect<CallOutcome> {
    const account = this.accounts.get(targetId);
    if (account === undefined) return { effect: 'none', targetId, answer: vanished };
    const before = picture(account);
    const wasActive = account.active;
    Object.assign(account.attributes, set);
    for (const path of clear) Reflect.deleteProperty(account.attributes, path);
    account.active = active ?? account.active;
    refer(account, references);
    const changed = picture(account) !== before;
    if (changed) account.version += 1;
    return {
      effect: changed ? 'changed' : 'unchanged',
      targetId,
      closes: wasActive && !account.active,
      opens: !wasActive && account.active,
      answer: applied(account),
    };
  }

  remove({ targetId }: RemoveRequest): Effect<CallOutcome> {
    if (!this.vanish(targetId))
      return { effect: 'none', targetId, answer: { kind: 'applied', code: 'model.already-gone' } };
    return { effect: 'changed', targetId, closes: true, deletes: true, answer: { kind: 'applied', code: 'model.ok' } };
  }

  /** The account is gone, with its memberships. */
  vanish(targetId: string): boolean {
    for (const account of this.accounts.values()) {
      account.members.delete(targetId);
      if (this.#setup.keepsReferences) continue;
      for (const [path, named] of Object.entries(account.references))
        if (named === targetId) Reflect.deleteProperty(account.references, path);
    }
    return this.accounts.delete(targetId);
  }

  changeMembers({ groupTargetId, add, remove }: MembersRequest): Effect<MembersOutcome> {
    const group = this.accounts.get(groupTargetId);
    const refused = new Map<string, CallOutcome>();
    if (group === undefined) return { effect: 'none', targetId: groupTargetId, answer: { outcome: vanished, refused } };
    const before = picture(group);
    for (const { targetId } of remove) group.members.delete(targetId);
    for (const { objectId, targetId } of add) {
      if (this.accounts.has(targetId)) group.members.add(targetId);
      else refused.set(objectId, { kind: 'vanished', code: 'model.no-member' });
    }
    const changed = picture(group) !== before;
    if (changed) group.version += 1;
    return {
      // Where members are refused and nothing else is to be done, nothing is written.
      effect: changed ? 'changed' : refused.size > 0 ? 'none' : 'unchanged',
      targetId: groupTargetId,
      answer: { outcome: applied(group), refused },
    };
  }
}

/** An account as far as it is asked for. */
function shown(account: Account, paths: readonly string[], references: readonly string[] = []): Effect<LookupAnswer> {
  const externalId = account.attributes['externalId'];
  const of = <T>(values: Readonly<Record<string, T>>, wanted: readonly string[]): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([path]) => wanted.includes(path)));
  return {
    effect: 'none',
    targetId: account.id,
    answer: {
      kind: 'found',
      account: {
        targetId: account.id,
        active: account.active,
        ...(typeof externalId === 'string' ? { externalId } : {}),
        attributes: of(account.attributes, paths) as TargetAttributes,
        references: of(account.references, references),
        targetVersion: String(account.version),
      },
    },
  };
}

/** Everything about an account that can be seen. */
export const picture = ({ active, attributes, references, members }: Account): string =>
  JSON.stringify([active, Object.entries(attributes).sort(), Object.entries(references).sort(), [...members].sort()]);

function refer(account: Account, references: TargetReferences | undefined): void {
  for (const [path, targetId] of Object.entries(references ?? {})) {
    if (targetId === null) Reflect.deleteProperty(account.references, path);
    else account.references[path] = targetId;
  }
}

const applied = ({ id, version }: Account): CallOutcome => ({
  kind: 'applied',
  code: 'model.ok',
  targetId: id,
  targetVersion: String(version),
});
const vanished: CallOutcome = { kind: 'vanished', code: 'model.vanished' };
export const uniqueness: CallOutcome = { kind: 'rejected', code: 'model.uniqueness', httpStatus: 409 };
