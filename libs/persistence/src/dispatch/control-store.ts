import type { ControlCommand } from '@provisor/contracts';
import { requestRun } from './reconciliation-store.js';
import { laneIndex } from './target-object.js';
import type { Database, Transaction } from '../database/database.js';
import type { Outbox } from '../outbox/outbox.js';
import { REJECTED_CODE } from './edge.js';
import { approveHolds, rejectHolds, type HoldDecision, type RejectionRecords } from './decide-holds.js';

/** Notified with the name of an SP connection after a control command has changed it. */
export const CONTROL_CHANNEL = 'provisor_dispatch_control';

export interface ControlEffect {
  /** False where the command had been handled before, or concerns no SP connection of this dispatcher. */
  readonly handled: boolean;
  readonly objects: number;
}
type ConnectionControl = Extract<ControlCommand, { spConnection: string }>;
type HoldControl = Extract<ControlCommand, { action: 'approve' | 'reject' }>;

/** Applies what operators ask for to the tables. Whoever owns the SP connection is notified and reads it from there. */
export class ControlStore {
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #targetType: string;

  constructor(database: Database, outbox: Outbox, targetType: string) {
    this.#database = database;
    this.#outbox = outbox;
    this.#targetType = targetType;
  }

  /**
   * Handles a command for an SP connection of this target type once, however often it comes. `rejection` makes the
   * results of holds that were rejected.
   */
  async apply(control: ConnectionControl, rejection: RejectionRecords): Promise<ControlEffect> {
    const effect = await this.#database.transaction(async (tx) => {
      // A connection can be paused before its first command has told in which partition it is.
      if (control.action === 'pause' || control.action === 'resume')
        await tx.query(
          `insert into sp_connections (sp_connection, target_type, limit_scope, partition) values ($1, $2, $1, -1)
           on conflict do nothing`,
          [control.spConnection, this.#targetType],
        );
      const known = await tx.query(
        'select 1 from sp_connections where sp_connection = $1 and target_type = $2 for update',
        [control.spConnection, this.#targetType],
      );
      if (known.length === 0) return { handled: false, objects: 0 };
      const fresh = await tx.query('insert into control_seen (id) values ($1) on conflict do nothing returning id', [
        control.id,
      ]);
      if (fresh.length === 0) return { handled: false, objects: 0 };
      await tx.query(`delete from control_seen where seen_at < now() - interval '30 days'`);
      return { handled: true, objects: await this.#change(tx, control, rejection) };
    });
    if (effect.handled) await this.#database.query('select pg_notify($1, $2)', [CONTROL_CHANNEL, control.spConnection]);
    return effect;
  }

  async #change(tx: Transaction, control: ConnectionControl, rejection: RejectionRecords): Promise<number> {
    switch (control.action) {
      case 'pause':
      case 'resume':
        await tx.query('update sp_connections set paused = $2, paused_by = $3 where sp_connection = $1', [
          control.spConnection,
          control.action === 'pause',
          control.action === 'pause' ? control.requestedBy : null,
        ]);
        return 0;
      case 'release':
        return this.#release(tx, control.spConnection);
      case 'provision-now':
        return this.#provisionNow(tx, control.spConnection, control.objectId);
      case 'retry':
        return this.#retry(tx, control.spConnection, control.objectId);
      case 'approve':
        return approveHolds(tx, decisionOf(control));
      case 'reject':
        return this.#reject(tx, control, rejection);
      case 'reconcile':
        await requestRun(tx, {
          id: control.id,
          spConnection: control.spConnection,
          objectId: control.objectId ?? null,
          scheduled: false,
          repair: control.repair ?? false,
          requestedBy: control.requestedBy,
        });
        return 0;
    }
  }

  /** Ends a quarantine: what waited for its end is due. */
  async #release(tx: Transaction, spConnection: string): Promise<number> {
    await tx.query('update sp_connections set quarantine = null, probe_at = null where sp_connection = $1', [
      spConnection,
    ]);
    return count(
      tx,
      `update target_objects set next_attempt_at = now()
       where sp_connection = $1 and state = 'pending' and next_attempt_at > now() and last_outcome ->> 'systemic' = 'true'`,
      [spConnection],
    );
  }

  async #provisionNow(tx: Transaction, spConnection: string, objectId: string): Promise<number> {
    return count(
      tx,
      `update target_objects set state = 'pending', lane = $3, failures = 0, first_attempt_at = null, next_attempt_at = now()
       where sp_connection = $1 and object_id = $2 and state <> 'held'`,
      [spConnection, objectId, laneIndex('interactive')],
    );
  }

  async #retry(tx: Transaction, spConnection: string, objectId: string | undefined): Promise<number> {
    await tx.query(
      `update edges set attempt = 1, first_attempt_at = null, next_attempt_at = now()
       where sp_connection = $1 and ($2::text is null or member_id = $2 or other_id = $2) and desired <> applied
         and (attempt > 0 or code = '${REJECTED_CODE}')`,
      [spConnection, objectId ?? null],
    );
    return count(
      tx,
      `update target_objects set state = 'pending', failures = 0, first_attempt_at = null, next_attempt_at = now()
       where sp_connection = $1 and ($2::text is null or object_id = $2) and state = 'failed'`,
      [spConnection, objectId ?? null],
    );
  }

  async #reject(tx: Transaction, control: HoldControl, records: RejectionRecords): Promise<number> {
    const rejected = await rejectHolds(tx, decisionOf(control), records);
    await this.#outbox.append(tx, [...rejected.records]);
    return rejected.count;
  }
}

const decisionOf = ({ spConnection, requestedBy, objectId, objectIds, kinds, groupId }: HoldControl): HoldDecision => ({
  spConnection,
  decidedBy: requestedBy,
  selection: {
    objectIds: objectId === undefined ? objectIds : [objectId, ...(objectIds ?? [])],
    kinds,
    groupId,
  },
});

async function count(tx: Transaction, update: string, parameters: unknown[]): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    `with changed as (${update} returning 1) select count(*)::int as n from changed`,
    parameters,
  );
  return rows[0]?.n ?? 0;
}
