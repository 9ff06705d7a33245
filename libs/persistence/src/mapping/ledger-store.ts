import type { ObjectType, Presence } from '@provisor/contracts';
import type { LedgerEntry } from '@provisor/provisioning';
import type { Transaction } from '../database/database.js';
import { unnestRows, type UnnestColumn } from '../database/unnest-rows.js';

type Tx = Pick<Transaction, 'query'>;

/** An entry with its place: what an SP connection was told about an object. */
export interface LedgerRow {
  readonly spConnection: string;
  readonly objectId: string;
  readonly dataStore: string;
  readonly objectType: ObjectType;
  readonly entry: LedgerEntry;
}

interface Columns {
  readonly sp_connection: string;
  readonly object_id: string;
  readonly data_store: string;
  readonly object_type: ObjectType;
  readonly channel: string;
  readonly hash: string;
  readonly sequence: string | number;
  readonly config: string | number;
  readonly presence: Presence;
}

const COLUMNS: readonly UnnestColumn<Columns>[] = [
  { name: 'sp_connection', type: 'text' },
  { name: 'object_id', type: 'text' },
  { name: 'data_store', type: 'text' },
  { name: 'object_type', type: 'text' },
  { name: 'channel', type: 'text' },
  { name: 'hash', type: 'text' },
  { name: 'sequence', type: 'bigint' },
  { name: 'config', type: 'bigint' },
  { name: 'presence', type: 'text' },
];

/** Reads and writes the ledger inside the caller's transaction. */
export class LedgerStore {
  /**
   * Waits until no other transaction maps this partition, and keeps it so until the transaction ends. Live changes and
   * evaluations of all objects thereby never decide about one object at the same time.
   */
  async lockPartitions(tx: Tx, partitions: readonly number[]): Promise<void> {
    // In the same order everywhere, so that no two wait for each other.
    const names = partitions.toSorted((a, b) => a - b).map((partition) => `provisor.mapping.partition/${partition}`);
    await tx.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name', [names]);
  }

  /** Entries of these objects at these SP connections, by SP connection and object id (`ledgerKey`). */
  async load(
    tx: Tx,
    spConnections: readonly string[],
    objectIds: readonly string[],
  ): Promise<ReadonlyMap<string, LedgerEntry>> {
    if (spConnections.length === 0 || objectIds.length === 0) return new Map();
    const rows = await tx.query<Columns>(
      `select sp_connection, object_id, channel, hash, sequence, config, presence
         from ledger where sp_connection = any($1) and object_id = any($2)`,
      [spConnections, objectIds],
    );
    return new Map(
      rows.map((row) => [
        ledgerKey(row.sp_connection, row.object_id),
        {
          channel: row.channel,
          hash: row.hash,
          version: { sequence: Number(row.sequence), config: Number(row.config) },
          presence: row.presence,
        },
      ]),
    );
  }

  /** Writes entries, each unless the stored one has a greater version. One entry per object and SP connection. */
  async save(tx: Tx, entries: readonly LedgerRow[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = unnestRows(COLUMNS, entries.map(columnsOf));
    const names = COLUMNS.map(({ name }) => name).join(', ');
    await tx.query(
      `insert into ledger (${names}) select ${names} from ${rows.sql}
       on conflict (sp_connection, object_id) do update set
         data_store = excluded.data_store, object_type = excluded.object_type, channel = excluded.channel,
         hash = excluded.hash, sequence = excluded.sequence, config = excluded.config, presence = excluded.presence
       where (ledger.sequence, ledger.config) <= (excluded.sequence, excluded.config)`,
      rows.params,
    );
  }
}

/** Key of an entry in what `LedgerStore.load` gives. Names of SP connections have no slash. */
export const ledgerKey = (spConnection: string, objectId: string): string => `${spConnection}/${objectId}`;

function columnsOf({ spConnection, objectId, dataStore, objectType, entry }: LedgerRow): Columns {
  return {
    sp_connection: spConnection,
    object_id: objectId,
    data_store: dataStore,
    object_type: objectType,
    channel: entry.channel,
    hash: entry.hash,
    sequence: entry.version.sequence,
    config: entry.version.config,
    presence: entry.presence,
  };
}
