import type { Transaction } from '../database/database.js';
import { unnestRows } from '../database/unnest-rows.js';

type Tx = Pick<Transaction, 'query'>;

/** A group that a scope names, found once and known by its id from then on. */
export interface ScopeGroup {
  readonly dataStore: string;
  /** Normalised DN, or object id, as the scope names it. */
  readonly name: string;
  readonly objectId: string;
  /** Deleted at the source; a new group of that name takes its place. */
  readonly deleted: boolean;
}

interface Columns {
  readonly data_store: string;
  readonly name: string;
  readonly object_id: string;
  readonly deleted: boolean;
}

export class ScopeGroupStore {
  async list(tx: Tx): Promise<readonly ScopeGroup[]> {
    const rows = await tx.query<Columns>('select data_store, name, object_id, deleted from scope_groups');
    return rows.map(({ data_store, name, object_id, deleted }) => ({
      dataStore: data_store,
      name,
      objectId: object_id,
      deleted,
    }));
  }

  /** Stores groups under their names; an existing one that is not deleted keeps its name. */
  async save(tx: Tx, groups: readonly ScopeGroup[]): Promise<void> {
    if (groups.length === 0) return;
    const rows = unnestRows<Columns>(
      [
        { name: 'data_store', type: 'text' },
        { name: 'name', type: 'text' },
        { name: 'object_id', type: 'text' },
        { name: 'deleted', type: 'boolean' },
      ],
      groups.map(({ dataStore, name, objectId, deleted }) => ({
        data_store: dataStore,
        name,
        object_id: objectId,
        deleted,
      })),
    );
    await tx.query(
      `insert into scope_groups (data_store, name, object_id, deleted)
         select data_store, name, object_id, deleted from ${rows.sql} order by data_store, name
       on conflict (data_store, name) do update set object_id = excluded.object_id, deleted = excluded.deleted
       where scope_groups.deleted or scope_groups.object_id = excluded.object_id`,
      rows.params,
    );
  }
}
