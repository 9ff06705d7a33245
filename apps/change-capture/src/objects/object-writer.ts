import {
  EntryStore,
  NameStore,
  PENDING,
  type EntryRow,
  type MemberChange,
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
    const known = await entries.byId(tx, [...latest.keys()]);
    const candidates = [...latest.values()].map((captured): Candidate => {
      return { ...captured, key: dnKey(captured.object.dn), hash: sourceHash(captured.object) };
    });
    const changed = candidates.filter(({ object, hash }) => !isSame(known.get(object.objectId), hash));
    const unchanged = candidates.filter((candidate) => !changed.includes(candidate));
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
    const before = await entries.attributesOf(
      tx,
      idsOf(changed).filter((id) => known.has(id)),
    );
    const rows = changed.map((candidate): EntryRow => {
      const { object, occurrence, key, hash } = candidate;
      const { objectId, objectType, dn, enabled, attributes } = object;
      const old = before.get(objectId);
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
        occurrence,
      };
    });
    await entries.upsert(tx, rows, { run: o.run, pending: o.pending, sequenceBase });
    await this.storeReferences(tx, changed, known);

    const memberChanges = await this.storeMembers(tx, changed, known);
    const renamed = changed.filter(({ object, key }) => isElsewhere(known.get(object.objectId), key));
    const resolved = await names.resolve(tx, idsOf(renamed));
    const occurrence = latestOf(changed);
    await this.markMembers(tx, [...memberChanges, ...resolved.members], { occurrence, pending: o.pending });
    await entries.mark(tx, resolved.referrers, { occurrence, pending: PENDING.publish, changed: 'references' });
    if (o.deferOpenReferences === true) await entries.defer(tx, await names.withOpenReferences(tx, idsOf(changed)));
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

  /** Marks who gained or lost a group, and everybody below a group that did. */
  private async markMembers(
    tx: Tx,
    changes: readonly MemberChange[],
    o: { readonly occurrence: Occurrence; readonly pending: Pending },
  ): Promise<void> {
    if (changes.length === 0) return;
    const { entries, names, groups } = this.parts;
    const touched = [...new Set(changes.flatMap(({ groupId, memberId }) => [groupId, memberId]))];
    const members = memberIds(changes);
    const below = new Set(groups.withDescendants(members.filter((id) => groups.isNested(id))));
    groups.replace(touched, await names.nestingsOf(tx, touched));
    for (const id of groups.withDescendants(members.filter((member) => groups.isNested(member)))) below.add(id);
    await entries.mark(tx, members, { ...o, changed: 'memberOf' });
    await entries.markMembers(tx, [...below], o);
    await entries.mark(
      tx,
      [...below].filter((id) => !members.includes(id)),
      { ...o, changed: 'memberOfNested' },
    );
  }
}

const isSame = (known: StoredEntry | undefined, hash: string): boolean =>
  known?.state === 'present' && known.sourceHash === hash;
const isElsewhere = (known: StoredEntry | undefined, key: string): boolean =>
  known?.state !== 'present' || known.dnKey !== key;
const idsOf = (candidates: readonly CapturedObject[]): string[] => candidates.map(({ object }) => object.objectId);
const memberIds = (changes: readonly MemberChange[]): string[] => [...new Set(changes.map(({ memberId }) => memberId))];

function latestOf(changed: readonly CapturedObject[]): Occurrence {
  const occurrences = changed.map(({ occurrence }) => occurrence);
  return occurrences.reduce((latest, next) => (next.at > latest.at ? next : latest));
}
