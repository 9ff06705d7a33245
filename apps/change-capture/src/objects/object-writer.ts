import type { ObjectType } from '@provisor/contracts';
import {
  PENDING,
  type EntryRow,
  type EntryStore,
  type MemberChange,
  type NameStore,
  type Occurrence,
  type Pending,
  type StoredEntry,
  type Transaction,
} from '@provisor/persistence';
import { dnKey } from '../names/dn-key.js';
import type { GroupGraph } from '../names/group-graph.js';
import { memberDifference } from '../names/member-difference.js';
import type { CapturedObject } from './captured-object.js';
import { changedAttributes, sourceHash } from './content-hash.js';

type Tx = Pick<Transaction, 'query'>;

export interface WriterParts {
  readonly entries: EntryStore;
  readonly names: NameStore;
  readonly groups: GroupGraph;
  readonly sequenceBase: number;
}

export interface WriteOptions {
  /** Number of the full read that is going on, or of the last one. */
  readonly run: number;
  /** When the records of what changes are published. Entries with references that name nobody yet wait for the end of a first read. */
  readonly pending: Pending;
  /** In a first read the groups come before the users, who wait with open references. */
  readonly deferOpenReferences?: boolean;
}

interface Candidate extends CapturedObject {
  readonly key: string;
  readonly hash: string;
}

/**
 * Brings the captured state of objects up to date and marks every entry whose record has to be made anew: the object itself, the
 * members that a group gained or lost, everybody in a group whose own nesting changed, and whoever references an entry that came,
 * went or was renamed.
 *
 * The attributes are kept as they were captured last. So a change of a group of thousands republishes its members from the table
 * in a few statements, also while the directory is slow or away, and what is published is what was captured with that sequence; reading
 * them again would cost the directory a search per member. The price is a second copy of the data beside the one on the topic.
 */
export class ObjectWriter {
  private readonly parts: WriterParts;

  constructor(parts: WriterParts) {
    this.parts = parts;
  }

  /** Answers how many objects were new or different. */
  async write(tx: Tx, objects: readonly CapturedObject[], o: WriteOptions): Promise<number> {
    const { entries } = this.parts;
    const latest = new Map(objects.map((captured) => [captured.object.objectId, captured]));
    const candidates = [...latest.values()].map((captured): Candidate => {
      return { ...captured, key: dnKey(captured.object.dn), hash: sourceHash(captured.object) };
    });
    const known = await entries.byId(
      tx,
      candidates.map(({ object: { objectId }, hash }) => ({ objectId, sourceHash: hash })),
    );
    const isNews = ({ object, hash }: Candidate) => !isSame(known.get(object.objectId), hash);
    const changed = candidates.filter(isNews);
    const unchanged = candidates.filter((candidate) => !isNews(candidate));
    await entries.seen(tx, idsOf(unchanged), o.run);
    if (changed.length > 0) await this.store(tx, changed, known, o);
    return changed.length;
  }

  /** Marks objects as deleted, and whomever that concerns. */
  async remove(tx: Tx, ids: readonly string[], occurrence: Occurrence): Promise<void> {
    if (ids.length === 0) return;
    const { entries, names, groups } = this.parts;
    const nested = groups.withDescendants(ids.filter((id) => groups.isNested(id)));
    await entries.remove(tx, ids, occurrence);
    const { members, referrers } = await names.forget(tx, ids);
    const mark = { occurrence, pending: PENDING.publish };
    await entries.mark(tx, memberIds(members), { ...mark, changed: 'memberOf' });
    await entries.markMembers(tx, nested, mark);
    await entries.mark(tx, nested, { ...mark, changed: 'memberOfNested' });
    await entries.mark(tx, referrers, { ...mark, changed: 'references' });
    groups.replace(ids, []);
  }

  private async store(
    tx: Tx,
    changed: readonly Candidate[],
    known: Map<string, StoredEntry>,
    o: WriteOptions,
  ): Promise<void> {
    const { entries, names, sequenceBase } = this.parts;
    const waiting = o.deferOpenReferences === true ? await this.withOpenReferences(tx, changed) : new Set<string>();
    const rows = changed.map((candidate): EntryRow => {
      const { object, occurrence, key, hash } = candidate;
      const { objectId, objectType, dn, enabled, attributes } = object;
      const old = known.get(objectId)?.attributes;
      const names =
        old === undefined
          ? []
          : [...(known.get(objectId)?.dn === dn ? [] : ['dn']), ...changedAttributes(old, attributes)];
      return {
        objectId,
        objectType,
        dn,
        dnKey: key,
        enabled,
        attributes,
        sourceHash: hash,
        changed: names,
        pending: waiting.has(objectId) ? PENDING.afterRead : o.pending,
        occurrence,
      };
    });
    await entries.upsert(tx, rows, { run: o.run, sequenceBase });
    await this.storeReferences(tx, changed, known);

    const memberChanges = await this.storeMembers(tx, changed, known);
    const renamed = changed.filter(({ object, key }) => isElsewhere(known.get(object.objectId), key));
    const resolved = await names.resolve(tx, idsOf(renamed));
    const occurrence = latestOf(changed);
    const written = new Set(idsOf(changed));
    await this.markMembers(tx, [...memberChanges, ...resolved.members], { occurrence, pending: o.pending, written });
    const retyped = idsOf(
      changed.filter(({ object }) => isOfAnotherType(known.get(object.objectId), object.objectType)),
    );
    if (retyped.length > 0) this.parts.groups.replace(retyped, await names.nestingsOf(tx, retyped));
    const whenReferrers = o.deferOpenReferences === true ? PENDING.afterRead : PENDING.publish;
    await entries.mark(tx, resolved.referrers, { occurrence, pending: whenReferrers, changed: 'references' });
  }

  /** Objects that name somebody who is neither known nor in the same batch. */
  private async withOpenReferences(tx: Tx, batch: readonly Candidate[]): Promise<Set<string>> {
    const here = new Set(batch.map(({ key }) => key));
    const named = batch.map(({ object }) => ({
      id: object.objectId,
      keys: Object.values(object.references).map(dnKey),
    }));
    const asked = new Set(named.flatMap(({ keys }) => keys).filter((key) => !here.has(key)));
    const known = await this.parts.entries.knownKeys(tx, [...asked]);
    const open = (key: string) => asked.has(key) && !known.has(key);
    return new Set(named.filter(({ keys }) => keys.some(open)).map(({ id }) => id));
  }

  private async storeReferences(tx: Tx, changed: readonly Candidate[], known: Map<string, StoredEntry>): Promise<void> {
    const references = changed.flatMap(({ object }) =>
      Object.entries(object.references).map(([attribute, dn]) => ({
        objectId: object.objectId,
        attribute,
        targetKey: dnKey(dn),
      })),
    );
    const ids = new Set([
      ...references.map(({ objectId }) => objectId),
      ...idsOf(changed).filter((id) => known.has(id)),
    ]);
    if (ids.size > 0) await this.parts.names.replaceReferences(tx, [...ids], references);
  }

  private async storeMembers(
    tx: Tx,
    changed: readonly Candidate[],
    known: Map<string, StoredEntry>,
  ): Promise<MemberChange[]> {
    const { names } = this.parts;
    const added: { groupId: string; memberKey: string }[] = [];
    const removed: { groupId: string; memberKey: string }[] = [];
    for (const { object } of changed) {
      const wasGroup = known.get(object.objectId)?.objectType === 'group';
      if (object.objectType !== 'group' && !wasGroup) continue;
      const before = wasGroup ? await names.memberKeys(tx, object.objectId) : [];
      const difference = memberDifference(before, (object.members ?? []).map(dnKey));
      added.push(...difference.added.map((memberKey) => ({ groupId: object.objectId, memberKey })));
      removed.push(...difference.removed.map((memberKey) => ({ groupId: object.objectId, memberKey })));
    }
    return [...(await names.removeMembers(tx, removed)), ...(await names.addMembers(tx, added))];
  }

  /** Marks who gained or lost a group, and everybody below a group that did; what was `written` just now is marked already. */
  private async markMembers(
    tx: Tx,
    changes: readonly MemberChange[],
    o: { readonly occurrence: Occurrence; readonly pending: Pending; readonly written: ReadonlySet<string> },
  ): Promise<void> {
    if (changes.length === 0) return;
    const { entries, names, groups } = this.parts;
    const members = memberIds(changes);
    const nested = [
      ...new Set([...members.filter((id) => groups.isNested(id)), ...(await entries.groupsAmong(tx, members))]),
    ];
    const below = new Set(groups.withDescendants(nested));
    if (nested.length > 0) groups.replace(nested, await names.nestingsOf(tx, nested));
    for (const id of groups.withDescendants(nested)) below.add(id);
    const others = members.filter((id) => !o.written.has(id));
    await entries.mark(tx, others, { ...o, changed: 'memberOf' });
    await entries.markMembers(tx, [...below], o);
    for (const id of members) below.delete(id);
    await entries.mark(tx, [...below], { ...o, changed: 'memberOfNested' });
  }
}

const isSame = (known: StoredEntry | undefined, hash: string): boolean =>
  known?.state === 'present' && known.sourceHash === hash;
const isElsewhere = (known: StoredEntry | undefined, key: string): boolean =>
  known?.state !== 'present' || known.dnKey !== key;
const isOfAnotherType = (known: StoredEntry | undefined, type: ObjectType): boolean =>
  known?.state === 'present' && known.objectType !== type;
const idsOf = (candidates: readonly CapturedObject[]): string[] => candidates.map(({ object }) => object.objectId);
const memberIds = (changes: readonly MemberChange[]): string[] => [...new Set(changes.map(({ memberId }) => memberId))];

function latestOf(changed: readonly CapturedObject[]): Occurrence {
  const occurrences = changed.map(({ occurrence }) => occurrence);
  return occurrences.reduce((latest, next) => (next.at > latest.at ? next : latest));
}
