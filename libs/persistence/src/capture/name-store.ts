import type { Database, Transaction } from '../database/database.js';
import { unnestRows } from '../database/unnest-rows.js';
import type { KnownEntry } from './entry-store.js';

type Tx = Pick<Transaction, 'query'>;

export interface MemberName {
  readonly groupId: string;
  readonly memberKey: string;
}
export interface ReferenceName {
  readonly objectId: string;
  readonly attribute: string;
  readonly targetKey: string;
}
/** A membership that has come to name another member, or none. */
export interface MemberChange {
  readonly groupId: string;
  readonly memberId: string;
}

/**
 * Names that entries give to each other: members of groups, and references such as `manager`. A name is resolved to the entry that
 * bears it now, and is kept while there is none.
 */
export class NameStore {
  readonly #database: Database;
  readonly #dataStore: string;

  constructor(database: Database, dataStore: string) {
    this.#database = database;
    this.#dataStore = dataStore;
  }

  async memberKeys(tx: Tx, groupId: string): Promise<string[]> {
    const rows = await tx.query<{ key: string }>(
      'select member_key as key from memberships where data_store = $1 and group_id = $2',
      [this.#dataStore, groupId],
    );
    return rows.map((row) => row.key);
  }

  /** Answers the members that were resolved. */
  async addMembers(tx: Tx, names: readonly MemberName[]): Promise<MemberChange[]> {
    if (names.length === 0) return [];
    const rows = unnestRows(MEMBER, names, 2);
    return tx.query<MemberChange>(
      `with added as (
         insert into memberships (data_store, group_id, member_key, member_id)
         select $1, rows."groupId", rows."memberKey",
                (select object_id from entries where data_store = $1 and dn_key = rows."memberKey" and state = 'present' limit 1)
         from ${rows.sql} on conflict do nothing returning group_id, member_id)
       select group_id as "groupId", member_id as "memberId" from added where member_id is not null`,
      [this.#dataStore, ...rows.params],
    );
  }

  /** Answers the members that were named. */
  async removeMembers(tx: Tx, names: readonly MemberName[]): Promise<MemberChange[]> {
    if (names.length === 0) return [];
    const rows = unnestRows(MEMBER, names, 2);
    return tx.query<MemberChange>(
      `with removed as (
         delete from memberships m using ${rows.sql}
         where m.data_store = $1 and m.group_id = rows."groupId" and m.member_key = rows."memberKey"
         returning m.group_id, m.member_id)
       select group_id as "groupId", member_id as "memberId" from removed where member_id is not null`,
      [this.#dataStore, ...rows.params],
    );
  }

  /** What these objects refer to from now on; what stays as it was is not written. */
  async replaceReferences(tx: Tx, objectIds: readonly string[], names: readonly ReferenceName[]): Promise<void> {
    const rows = unnestRows(REFERENCE, names, 3);
    await tx.query(
      `with named as (select * from ${rows.sql}),
       gone as (
         delete from entry_references r where r.data_store = $1 and r.object_id = any($2::text[])
           and not exists (select 1 from named n where n."objectId" = r.object_id and n.attribute = r.attribute))
       insert into entry_references as r (data_store, object_id, attribute, target_key, target_id)
       select $1, n."objectId", n.attribute, n."targetKey",
              (select object_id from entries where data_store = $1 and dn_key = n."targetKey" and state = 'present' limit 1)
       from named n
       on conflict (data_store, object_id, attribute) do update
         set target_key = excluded.target_key, target_id = excluded.target_id
         where (r.target_key, r.target_id) is distinct from (excluded.target_key, excluded.target_id)`,
      [this.#dataStore, objectIds, ...rows.params],
    );
  }

  /**
   * To be called when entries have appeared, or have been given other names. Memberships that no longer name them are released,
   * those that name them now are resolved; so are references. Answers what has changed.
   */
  async resolve(tx: Tx, ids: readonly string[]): Promise<{ members: MemberChange[]; referrers: string[] }> {
    if (ids.length === 0) return { members: [], referrers: [] };
    const released = await tx.query<MemberChange>(
      `with released as (
         update memberships m set member_id = null from entries e
         where m.data_store = $1 and m.member_id = any($2::text[]) and e.data_store = $1 and e.object_id = m.member_id
           and e.dn_key <> m.member_key
         returning m.group_id, e.object_id)
       select group_id as "groupId", object_id as "memberId" from released`,
      [this.#dataStore, ids],
    );
    const resolved = await tx.query<MemberChange>(
      `with resolved as (
         update memberships m set member_id = e.object_id from entries e
         where e.data_store = $1 and e.object_id = any($2::text[]) and e.state = 'present'
           and m.data_store = $1 and m.member_key = e.dn_key and m.member_id is distinct from e.object_id
         returning m.group_id, m.member_id)
       select group_id as "groupId", member_id as "memberId" from resolved`,
      [this.#dataStore, ids],
    );
    return { members: [...released, ...resolved], referrers: await this.#resolveReferences(tx, ids) };
  }

  /** To be called when entries are gone. Answers whom they concerned. */
  async forget(tx: Tx, ids: readonly string[]): Promise<{ members: MemberChange[]; referrers: string[] }> {
    const members = await tx.query<MemberChange>(
      `with removed as (delete from memberships where data_store = $1 and group_id = any($2::text[]) returning group_id, member_id)
       select group_id as "groupId", member_id as "memberId" from removed where member_id is not null`,
      [this.#dataStore, ids],
    );
    await tx.query('update memberships set member_id = null where data_store = $1 and member_id = any($2::text[])', [
      this.#dataStore,
      ids,
    ]);
    await tx.query('delete from entry_references where data_store = $1 and object_id = any($2::text[])', [
      this.#dataStore,
      ids,
    ]);
    const referrers = await tx.query<{ id: string }>(
      `with released as (
         update entry_references set target_id = null where data_store = $1 and target_id = any($2::text[]) returning object_id)
       select distinct object_id as id from released`,
      [this.#dataStore, ids],
    );
    return { members, referrers: referrers.map((row) => row.id) };
  }

  /** The present entries that name one of these: groups as a member, others by a reference. */
  async namingAnyOf(ids: readonly string[]): Promise<KnownEntry[]> {
    return this.#database.query<KnownEntry>(
      `select object_id as "objectId", object_type as "objectType", dn, dn_key as "dnKey" from entries
       where data_store = $1 and state = 'present' and object_id in (
         select group_id from memberships where data_store = $1 and member_id = any($2::text[])
         union select object_id from entry_references where data_store = $1 and target_id = any($2::text[]))`,
      [this.#dataStore, ids],
    );
  }

  /** Every membership of a group in a group. */
  async nestings(tx: Tx): Promise<MemberChange[]> {
    return tx.query<MemberChange>(`${NESTINGS}`, [this.#dataStore]);
  }

  /** Those in which one of these groups is the group or the member. */
  async nestingsOf(tx: Tx, groupIds: readonly string[]): Promise<MemberChange[]> {
    return tx.query<MemberChange>(`${NESTINGS} and (m.group_id = any($2::text[]) or m.member_id = any($2::text[]))`, [
      this.#dataStore,
      groupIds,
    ]);
  }

  async #resolveReferences(tx: Tx, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `with released as (
         update entry_references r set target_id = null from entries e
         where r.data_store = $1 and r.target_id = any($2::text[]) and e.data_store = $1 and e.object_id = r.target_id
           and e.dn_key <> r.target_key
         returning r.object_id)
       select distinct object_id as id from released`,
      [this.#dataStore, ids],
    );
    const resolved = await tx.query<{ id: string }>(
      `with resolved as (
         update entry_references r set target_id = e.object_id from entries e
         where e.data_store = $1 and e.object_id = any($2::text[]) and e.state = 'present'
           and r.data_store = $1 and r.target_key = e.dn_key and r.target_id is distinct from e.object_id
         returning r.object_id)
       select distinct object_id as id from resolved`,
      [this.#dataStore, ids],
    );
    return [...new Set([...rows, ...resolved].map((row) => row.id))];
  }
}

const NESTINGS = `select m.group_id as "groupId", m.member_id as "memberId" from memberships m
  join entries e on e.data_store = m.data_store and e.object_id = m.member_id and e.object_type = 'group' and e.state = 'present'
  where m.data_store = $1`;

const MEMBER = [
  { name: 'groupId', type: 'text' },
  { name: 'memberKey', type: 'text' },
] as const;
const REFERENCE = [
  { name: 'objectId', type: 'text' },
  { name: 'attribute', type: 'text' },
  { name: 'targetKey', type: 'text' },
] as const;
