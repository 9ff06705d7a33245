import type { Database, Transaction } from '../database/database.js';

/**
 * What became of the versions that an SP connection took in: `accepted` is the sum of all others, at any time. `succeeded`,
 * `failed`, `skipped`, `superseded` and `dead` count versions since the beginning; `held` and `pending` are objects now, counted
 * from the objects themselves.
 */
export interface Accounting {
  readonly accepted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly dead: number;
  readonly superseded: number;
  readonly skipped: number;
  readonly held: number;
  readonly pending: number;
  /** `accepted` less all others: 0, or the accounts are wrong. */
  readonly difference: number;
}

/** Columns of `a`, the sums of one SP connection, as JSON; `pending` and `held` are the counted objects. */
export const accountingJson = (pending: string, held: string): string => `json_build_object(
  'accepted', a.accepted, 'succeeded', a.succeeded, 'failed', a.failed, 'dead', a.dead, 'superseded', a.superseded,
  'skipped', a.skipped, 'held', ${held}, 'pending', ${pending},
  'difference', a.accepted - a.succeeded - a.failed - a.dead - a.superseded - a.skipped - ${held} - ${pending})`;

/** Join for `accountingJson`; `c` is the SP connection. */
export const ACCOUNTING = `cross join lateral (
  select coalesce(sum(accepted), 0)::float8 as accepted, coalesce(sum(succeeded), 0)::float8 as succeeded,
    coalesce(sum(failed), 0)::float8 as failed, coalesce(sum(dead), 0)::float8 as dead,
    coalesce(sum(superseded), 0)::float8 as superseded, coalesce(sum(skipped), 0)::float8 as skipped
  from accounting where sp_connection = c.sp_connection) a`;

/** `versions`, by SP connection, were taken over before they stood in a row: the table's own accounting never sees them. */
export async function accountForPassing(tx: Transaction, versions: ReadonlyMap<string, number>): Promise<void> {
  const passing = [...versions];
  if (passing.length === 0) return;
  await tx.query(
    `insert into accounting as t (sp_connection, slot, accepted, superseded)
     select c, pg_backend_pid() % 128, n, n from unnest($1::text[], $2::bigint[]) as i(c, n) order by c
     on conflict (sp_connection, slot) do update
       set accepted = t.accepted + excluded.accepted, superseded = t.superseded + excluded.superseded`,
    [passing.map(([spConnection]) => spConnection), passing.map(([, count]) => count)],
  );
}

/** Accounts for commands that could be read and not be taken in. */
export class AccountingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts a command that goes to dead letters, once however often it is read. */
  async dead(command: {
    readonly spConnection: string;
    readonly partition: number;
    readonly offset: number;
  }): Promise<void> {
    await this.#database.query(
      `with dead as (
         insert into dead_commands (sp_connection, partition, source_offset) values ($1, $2, $3)
         on conflict do nothing returning sp_connection)
       insert into accounting as t (sp_connection, slot, accepted, dead)
       select sp_connection, pg_backend_pid() % 128, 1, 1 from dead
       on conflict (sp_connection, slot) do update set accepted = t.accepted + 1, dead = t.dead + 1`,
      [command.spConnection, command.partition, command.offset],
    );
  }
}
