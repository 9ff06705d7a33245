import type { Transaction } from '../database/database.js';
import { unnestRows } from '../database/unnest-rows.js';

type Tx = Pick<Transaction, 'query'>;

/** What all replicas of mapping know of an SP connection. */
export interface KnownConnection {
  readonly spConnection: string;
  /** The newest version of its document that any replica has seen. */
  readonly configVersion: number;
  /** The version with which all objects were evaluated last; 0 before that. */
  readonly evaluatedVersion: number;
  /** Grows whenever all objects have to be evaluated anew. */
  readonly request: number;
  readonly evaluatedRequest: number;
  readonly removed: boolean;
  /** Could not be used when changes went by. */
  readonly stopped: boolean;
}

export interface SeenConnection {
  readonly spConnection: string;
  readonly version: number;
  /** Its document cannot be used. */
  readonly stopped: boolean;
}

interface Columns {
  readonly sp_connection: string;
  readonly config_version: string;
  readonly evaluated_version: string;
  readonly request: string;
  readonly evaluated_request: string;
  readonly removed: boolean;
  readonly stopped: boolean;
}

/** The registry of SP connections that the replicas of mapping share. */
export class ConnectionStore {
  async list(tx: Tx): Promise<readonly KnownConnection[]> {
    const rows = await tx.query<Columns>('select * from connections');
    return rows.map((row) => ({
      spConnection: row.sp_connection,
      configVersion: Number(row.config_version),
      evaluatedVersion: Number(row.evaluated_version),
      request: Number(row.request),
      evaluatedRequest: Number(row.evaluated_request),
      removed: row.removed,
      stopped: row.stopped,
    }));
  }

  /** Notes what a replica has seen. A greater version, a return, and an end of being stopped ask for an evaluation. */
  async note(tx: Tx, seen: readonly SeenConnection[]): Promise<void> {
    if (seen.length === 0) return;
    const rows = unnestRows(
      [
        { name: 'sp_connection', type: 'text' },
        { name: 'version', type: 'bigint' },
        { name: 'stopped', type: 'boolean' },
      ],
      seen.map(({ spConnection, version, stopped }) => ({ sp_connection: spConnection, version, stopped })),
    );
    await tx.query(
      `insert into connections (sp_connection, config_version, stopped)
         select sp_connection, version, stopped from ${rows.sql} order by sp_connection
       on conflict (sp_connection) do update set
         config_version = greatest(connections.config_version, excluded.config_version),
         stopped = excluded.stopped,
         removed = false,
         request = connections.request + 1
       where connections.config_version < excluded.config_version
          or (connections.config_version = excluded.config_version
              and (connections.removed or connections.stopped <> excluded.stopped))`,
      rows.params,
    );
  }

  /** Notes that documents are gone. */
  async noteRemoved(tx: Tx, spConnections: readonly string[]): Promise<void> {
    if (spConnections.length === 0) return;
    await tx.query('update connections set removed = true where sp_connection = any($1) and not removed', [
      spConnections,
    ]);
  }

  /** Asks for an evaluation of all objects. */
  async request(tx: Tx, spConnections: readonly string[]): Promise<void> {
    if (spConnections.length === 0) return;
    await tx.query('update connections set request = request + 1 where sp_connection = any($1)', [spConnections]);
  }

  /** Notes that the evaluation asked for by `request` is complete. A later request stays open. */
  async evaluated(
    tx: Tx,
    spConnection: string,
    done: { readonly request: number; readonly version: number },
  ): Promise<void> {
    await tx.query(
      `update connections set evaluated_request = greatest(evaluated_request, $2), evaluated_version = greatest(evaluated_version, $3)
         where sp_connection = $1`,
      [spConnection, done.request, done.version],
    );
  }
}

/** Key of the session lock under which one replica evaluates all objects of an SP connection. */
export const evaluationLock = (spConnection: string): string => `provisor.mapping.evaluation/${spConnection}`;
