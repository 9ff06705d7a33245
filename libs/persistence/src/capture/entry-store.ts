import type { ObjectType, SourceAttributes } from '@provisor/contracts';
import type { Database, Transaction } from '../database/database.js';
import { unnestRows } from '../database/unnest-rows.js';

type Tx = Pick<Transaction, 'query'>;

/** An entry as far as finding it again needs. */
export interface KnownEntry {
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly dn: string;
  readonly dnKey: string;
}
export interface StoredEntry extends KnownEntry {
  readonly state: 'present' | 'deleted';
  readonly sourceHash: string;
  readonly attributes?: SourceAttributes;
}
export type EntryHash = Pick<EntryRow, 'objectId' | 'sourceHash'>;

/** When a change happened, and who says so. */
export interface Occurrence {
  readonly at: Date;
  readonly from: 'source' | 'detection';
  /** Part of a full read rather than a live change. */
  readonly snapshot: boolean;
}

export interface EntryRow {
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly dn: string;
  readonly dnKey: string;
  readonly enabled: boolean;
  readonly attributes: SourceAttributes;
  readonly sourceHash: string;
  readonly changed: readonly string[];
  readonly pending: Pending;
  readonly occurrence: Occurrence;
}

/** PUBLISH: with the next batch. AFTER_READ: when the full read that is going on has seen everything. */
export const PENDING = { publish: 1, afterRead: 2 } as const;
export type Pending = (typeof PENDING)[keyof typeof PENDING];

export interface PendingEntry {
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly dn: string;
  readonly state: 'present' | 'deleted';
  readonly enabled: boolean;
  readonly attributes: SourceAttributes;
  readonly contentHash: string | null;
  readonly sequence: number;
  readonly changed: readonly string[];
  readonly occurrence: Occurrence;
  /** Ids of the groups that name it. */
  readonly memberOf: readonly string[];
  /** Object ids by attribute. */
  readonly references: Readonly<Record<string, string>>;
}

export interface PublishedEntry {
  readonly objectId: string;
  readonly contentHash: string;
  readonly sequence: number;
}

export interface Population {
  readonly users: number;
  readonly groups: number;
}

/** The entries of one data store as they were captured last, with their sequences. */
export class EntryStore {
  readonly #database: Database;
  readonly #dataStore: string;

  constructor(database: Database, dataStore: string) {
    this.#database = database;
    this.#dataStore = dataStore;
  }

  /** What is stored under these ids; with attributes where the hash is another one. */
  async byId(tx: Tx, wanted: readonly EntryHash[]): Promise<Map<string, StoredEntry>> {
    const rows = await tx.query<StoredEntry & { attributes: SourceAttributes | null }>(
      `select ${KNOWN}, state, source_hash as "sourceHash", case when source_hash <> i.hash then attributes end as attributes
       from unnest($2::text[], $3::text[]) as i(id, hash) join entries on data_store = $1 and object_id = i.id`,
      [this.#dataStore, wanted.map(({ objectId }) => objectId), wanted.map(({ sourceHash }) => sourceHash)],
    );
    return new Map(
      rows.map(({ attributes, ...row }) => [row.objectId, attributes === null ? row : { ...row, attributes }]),
    );
  }

  /** Entries that are present under one of these names or ids. */
  async present(names: { readonly keys: readonly string[]; readonly ids: readonly string[] }): Promise<KnownEntry[]> {
    return this.#database.query<KnownEntry>(
      `select ${KNOWN} from entries where data_store = $1 and state = 'present' and dn_key = any($2::text[])
       union
       select ${KNOWN} from entries where data_store = $1 and state = 'present' and object_id = any($3::text[])`,
      [this.#dataStore, names.keys, names.ids],
    );
  }

  /** Entries that are present below this name, without the one of that name; at most `limit`. */
  async presentBelow(key: string, limit: number): Promise<KnownEntry[]> {
    return this.#database.query<KnownEntry>(
      // ',' and '-' are neighbours in the order of bytes.
      `select ${KNOWN} from entries where data_store = $1 and state = 'present' and dn_key >= $2 || ',' and dn_key < $2 || '-'
       limit $3`,
      [this.#dataStore, key, limit],
    );
  }

  async upsert(tx: Tx, rows: readonly EntryRow[], o: { run: number; sequenceBase: number }): Promise<void> {
    if (rows.length === 0) return;
    const carried = unnestRows(
      COLUMNS,
      rows.map(({ occurrence, ...row }) => ({
        ...row,
        at: occurrence.at,
        from: occurrence.from,
        snapshot: occurrence.snapshot,
      })),
      4,
    );
    await tx.query(
      `insert into entries as known (data_store, object_id, object_type, dn, dn_key, state, enabled, attributes, source_hash, sequence,
                            seen_run, pending, changed, snapshot, occurred_at, occurred_from)
       select $1, "objectId", "objectType", dn, "dnKey", 'present', enabled, attributes, "sourceHash", $3::bigint,
              $2::bigint, pending, changed, snapshot, at, "from"
       from ${carried.sql}
       on conflict (data_store, object_id) do update set
         object_type = excluded.object_type, dn = excluded.dn, dn_key = excluded.dn_key, state = 'present',
         enabled = excluded.enabled, attributes = excluded.attributes, source_hash = excluded.source_hash,
         seen_run = excluded.seen_run, changed = excluded.changed, snapshot = excluded.snapshot,
         occurred_at = excluded.occurred_at, occurred_from = excluded.occurred_from, deleted_at = null,
         pending = case when known.pending = 1 then 1 else excluded.pending end`,
      [this.#dataStore, o.run, o.sequenceBase, ...carried.params],
    );
  }

  /** Notes that the full read `run` has met these entries. */
  async seen(tx: Tx, ids: readonly string[], run: number): Promise<void> {
    if (ids.length === 0) return;
    await tx.query(
      'update entries set seen_run = $3 where data_store = $1 and object_id = any($2::text[]) and seen_run <> $3',
      [this.#dataStore, ids, run],
    );
  }

  /** Marks entries as deleted; their rows and sequences stay. */
  async remove(tx: Tx, ids: readonly string[], occurrence: Occurrence): Promise<void> {
    await tx.query(
      `update entries set state = 'deleted', attributes = '{}', source_hash = '', enabled = false, changed = '{}', pending = 1,
              snapshot = $3, occurred_at = $4, occurred_from = $5, deleted_at = $6
       where data_store = $1 and object_id = any($2::text[]) and state = 'present'`,
      [this.#dataStore, ids, occurrence.snapshot, occurrence.at, occurrence.from, new Date()],
    );
  }

  /** Has the records of these entries made anew, because something that they depend on has changed; not if they are to be made anyway. */
  async mark(
    tx: Tx,
    ids: readonly string[],
    o: { occurrence: Occurrence; pending: Pending; changed: string },
  ): Promise<void> {
    if (ids.length === 0) return;
    await tx.query(`${MARK} and object_id = any($7::text[])`, [...this.#markParameters(o), ids]);
  }

  /** `mark` for all members of groups, however many there are. */
  async markMembers(
    tx: Tx,
    groupIds: readonly string[],
    o: { occurrence: Occurrence; pending: Pending },
  ): Promise<void> {
    if (groupIds.length === 0) return;
    await tx.query(
      `${MARK} and object_id in (select member_id from memberships where data_store = $1 and group_id = any($7::text[]) and member_id is not null)`,
      [...this.#markParameters({ ...o, changed: 'memberOfNested' }), groupIds],
    );
  }

  /** Which of these names some present entry bears. */
  async knownKeys(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    const rows = await tx.query<{ key: string }>(
      `select dn_key as key from entries where data_store = $1 and state = 'present' and dn_key = any($2::text[])`,
      [this.#dataStore, keys],
    );
    return new Set(rows.map(({ key }) => key));
  }

  /** Which of these are groups that are present. */
  async groupsAmong(tx: Tx, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await tx.query<{ id: string }>(
      `select object_id as id from entries
       where data_store = $1 and object_id = any($2::text[]) and object_type = 'group' and state = 'present'`,
      [this.#dataStore, ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Groups before users; entries that wait for the end of the read only with `all`. */
  async pending(tx: Tx, limit: number, all: boolean): Promise<PendingEntry[]> {
    const rows = await tx.query<PendingRow>(
      `select object_id as "objectId", object_type as "objectType", dn, state, enabled, attributes, content_hash as "contentHash",
              sequence, changed, snapshot, occurred_at as at, occurred_from as "from",
              array(select m.group_id from memberships m where m.data_store = e.data_store and m.member_id = e.object_id
                    order by m.group_id) as "memberOf",
              (select coalesce(jsonb_object_agg(r.attribute, r.target_id), '{}') from entry_references r
                where r.data_store = e.data_store and r.object_id = e.object_id and r.target_id is not null) as "references"
       from entries e where data_store = $1 and pending between 1 and $2 order by pending, object_type, object_id limit $3`,
      [this.#dataStore, all ? PENDING.afterRead : PENDING.publish, limit],
    );
    return rows.map(({ at, from, snapshot, sequence, ...row }) => ({
      ...row,
      sequence: Number(sequence),
      occurrence: { at, from, snapshot },
    }));
  }

  async published(tx: Tx, entries: readonly PublishedEntry[]): Promise<void> {
    const rows = unnestRows(
      [
        { name: 'objectId', type: 'text' },
        { name: 'contentHash', type: 'text' },
        { name: 'sequence', type: 'bigint' },
      ],
      entries,
      2,
    );
    await tx.query(
      `update entries set pending = 0, changed = '{}', content_hash = rows."contentHash", sequence = rows.sequence
       from ${rows.sql} where entries.data_store = $1 and entries.object_id = rows."objectId"`,
      [this.#dataStore, ...rows.params],
    );
  }

  async population(): Promise<Population> {
    const rows = await this.#database.query<{ type: ObjectType; count: string }>(
      `select object_type as type, count(*) as count from entries where data_store = $1 and state = 'present' group by object_type`,
      [this.#dataStore],
    );
    return populationOf(rows);
  }

  /** Present entries that the full read `run` has not met, by type. */
  async missingPopulation(run: number): Promise<Population> {
    const rows = await this.#database.query<{ type: ObjectType; count: string }>(
      `select object_type as type, count(*) as count from entries
       where data_store = $1 and state = 'present' and seen_run <> $2 group by object_type`,
      [this.#dataStore, run],
    );
    return populationOf(rows);
  }

  /** The next of them after an id, in the order of ids. */
  async missing(run: number, after: string, limit: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      `select object_id as id from entries
       where data_store = $1 and state = 'present' and seen_run <> $2 and object_id > $3 order by object_id limit $4`,
      [this.#dataStore, run, after, limit],
    );
    return rows.map((row) => row.id);
  }

  async deletedSince(since: Date): Promise<number> {
    const [row] = await this.#database.query<{ count: string }>(
      `select count(*) as count from entries where data_store = $1 and state = 'deleted' and deleted_at >= $2`,
      [this.#dataStore, since],
    );
    return Number(row?.count ?? 0);
  }

  #markParameters(o: { occurrence: Occurrence; pending: Pending; changed: string }): unknown[] {
    const { at, from, snapshot } = o.occurrence;
    return [this.#dataStore, o.pending, at, from, snapshot, o.changed];
  }
}

const KNOWN = 'object_id as "objectId", object_type as "objectType", dn, dn_key as "dnKey"';
// An entry that is to be published at least as early is left alone: a new row version would change nothing but the hint.
const MARK = `update entries set pending = $2::smallint,
         occurred_at = case when pending = 0 then $3::timestamptz else occurred_at end,
         occurred_from = case when pending = 0 then $4::text else occurred_from end,
         snapshot = case when pending = 0 then $5::boolean else snapshot end,
         changed = case when $6::text = any(changed) then changed else changed || $6::text end
       where data_store = $1 and state = 'present' and (pending = 0 or pending > $2)`;

const COLUMNS = [
  { name: 'objectId', type: 'text' },
  { name: 'objectType', type: 'text' },
  { name: 'dn', type: 'text' },
  { name: 'dnKey', type: 'text' },
  { name: 'enabled', type: 'boolean' },
  { name: 'attributes', type: 'jsonb' },
  { name: 'sourceHash', type: 'text' },
  { name: 'changed', type: 'text[]' },
  { name: 'pending', type: 'smallint' },
  { name: 'snapshot', type: 'boolean' },
  { name: 'at', type: 'timestamptz' },
  { name: 'from', type: 'text' },
] as const;

interface PendingRow extends Omit<PendingEntry, 'occurrence' | 'sequence'> {
  readonly sequence: string;
  readonly snapshot: boolean;
  readonly at: Date;
  readonly from: 'source' | 'detection';
}

const populationOf = (rows: readonly { type: ObjectType; count: string }[]): Population => {
  const count = (type: ObjectType) => Number(rows.find((row) => row.type === type)?.count ?? 0);
  return { users: count('user'), groups: count('group') };
};
