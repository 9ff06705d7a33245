import type { ObjectType } from '@provisor/contracts';
import { jsonbText } from '../admin/jsonb-text.js';
import type { Database, Transaction } from '../database/database.js';
import type { KnownMembership, KnownReference } from '@provisor/provisioning';
import { correctMemberships, knownMemberships, ownAccounts } from './compared-memberships.js';
import { correctReferences, knownReferences } from './compared-references.js';
import type { EdgeStore } from './edge-store.js';
import { FencedError, ownedConnections, type Fence } from './ownership-store.js';
import type { Finding, LinkedObject, ListedPage, ReconciliationRun, RunStep } from './reconciliation-run.js';
import {
  isoOf,
  laneIndex,
  TARGET_OBJECT_COLUMNS,
  toTargetObject,
  type AppliedState,
  type TargetObject,
  type TargetObjectRow,
} from './target-object.js';

/** Reason of an object that a reconciliation has made due. */
export const REPAIR_REASON = 'reconciliation';

const COLUMNS = `id, sp_connection as "spConnection", object_id as "objectId", scheduled, repair, requested_by as "requestedBy",
  requested_at as "requestedAt", started_at as "startedAt", finished_at as "finishedAt", state, cause, position, counts, samples,
  shown, requests`;

/** Runs that compare what was written with what the target has. */
export class ReconciliationStore {
  readonly #database: Database;
  readonly #edges: Pick<EdgeStore, 'forget'>;

  constructor(database: Database, edges: Pick<EdgeStore, 'forget'>) {
    this.#database = database;
    this.#edges = edges;
  }

  /** Asks for a run; idempotent by id. */
  async request(
    tx: Pick<Transaction, 'query'>,
    run: Pick<ReconciliationRun, 'id' | 'spConnection' | 'objectId' | 'scheduled' | 'repair' | 'requestedBy'>,
  ): Promise<void> {
    await requestRun(tx, run);
  }

  /** Asks for a scheduled run unless one is open or began within `everyMs`. */
  async requestScheduled(spConnection: string, o: { everyMs: number; repair: boolean; id: string }): Promise<void> {
    await this.#database.query(
      `insert into reconciliations (id, sp_connection, scheduled, repair, requested_by)
       select $2, $1, true, $3, 'schedule'
       where not exists (select 1 from reconciliations where sp_connection = $1 and object_id is null
         and (finished_at is null or requested_at > now() - $4 * interval '1 millisecond'))
       on conflict (id) do nothing`,
      [spConnection, o.id, o.repair, o.everyMs],
    );
  }

  /** The next run that is not over; single objects come first, because somebody waits. */
  async next(spConnection: string): Promise<ReconciliationRun | undefined> {
    const rows = await this.#database.query<ReconciliationRun>(
      `select ${COLUMNS} from reconciliations where sp_connection = $1 and finished_at is null
       order by object_id is null, scheduled, requested_at limit 1`,
      [spConnection],
    );
    return rows[0];
  }

  async list(spConnection: string, limit: number): Promise<ReconciliationRun[]> {
    return this.#database.query<ReconciliationRun>(
      `select ${COLUMNS} from reconciliations where sp_connection = $1 order by requested_at desc limit $2`,
      [spConnection, limit],
    );
  }

  /** Paths that the last complete run has seen of an object type. */
  async shownBefore(spConnection: string): Promise<ReconciliationRun['shown']> {
    const rows = await this.#database.query<Pick<ReconciliationRun, 'shown'>>(
      `select shown from reconciliations where sp_connection = $1 and object_id is null and state = 'done'
       order by finished_at desc limit 1`,
      [spConnection],
    );
    return rows[0]?.shown ?? {};
  }

  /** What was last seen of an object where it differed from what was written. */
  async seen(spConnection: string, objectId: string): Promise<(AppliedState & { readonly at: Date }) | undefined> {
    const rows = await this.#database.query<{ seen: AppliedState; at: Date }>(
      'select seen, seen_at as at from seen_objects where sp_connection = $1 and object_id = $2',
      [spConnection, objectId],
    );
    return rows[0] === undefined ? undefined : { ...rows[0].seen, at: rows[0].at };
  }

  async linkedTo(spConnection: string, objectType: ObjectType, targetIds: readonly string[]): Promise<LinkedObject[]> {
    return this.#linked(`t.sp_connection = $1 and t.object_type = $2 and t.target_id = any($3::text[])`, [
      spConnection,
      objectType,
      targetIds,
    ]);
  }

  async object(spConnection: string, objectId: string): Promise<LinkedObject | undefined> {
    return (await this.#linked('t.sp_connection = $1 and t.object_id = $2', [spConnection, objectId]))[0];
  }

  /** Linked objects of a type in the order of their ids. */
  async linkedPage(spConnection: string, objectType: ObjectType, after: string, size: number): Promise<LinkedObject[]> {
    return this.#linked(
      `t.sp_connection = $1 and t.object_type = $2 and t.target_id is not null and t.object_id > $3
       order by t.object_id limit $4`,
      [spConnection, objectType, after, size],
    );
  }

  /** See {@link knownMemberships}. */
  async memberships(
    group: Pick<TargetObject, 'spConnection' | 'objectId'>,
    page: { readonly after: string; readonly size: number; readonly settledAt: number },
  ): Promise<KnownMembership[]> {
    return knownMemberships(this.#database, group, page);
  }

  /** See {@link knownReferences}. */
  async references(
    spConnection: string,
    of: Parameters<typeof knownReferences>[2],
  ): Promise<Map<string, KnownReference[]>> {
    return knownReferences(this.#database, spConnection, of);
  }

  /** Object ids of whoever has these accounts, by target id. */
  async ownersOf(spConnection: string, targetIds: readonly string[]): Promise<Map<string, string>> {
    return ownAccounts(this.#database, spConnection, targetIds);
  }

  /** Objects that should have an account and are given up without one. */
  async unlinked(spConnection: string, objectType: ObjectType, limit: number): Promise<TargetObject[]> {
    const rows = await this.#linked(
      `t.sp_connection = $1 and t.object_type = $2 and t.target_id is null and t.state in ('failed', 'skipped')
       and t.desired ->> 'presence' <> 'absent' order by t.object_id limit $3`,
      [spConnection, objectType, limit],
    );
    return rows.map(({ object }) => object);
  }

  async #linked(where: string, parameters: unknown[]): Promise<LinkedObject[]> {
    const rows = await this.#database.query<
      TargetObjectRow & { applied_at: Date | null; repaired_from: AppliedState | null }
    >(
      `select ${TARGET_OBJECT_COLUMNS}, t.applied_at,
         (select s.seen from seen_objects s
          where s.sp_connection = t.sp_connection and s.object_id = t.object_id and s.repaired) as repaired_from
       from target_objects t where ${where}`,
      parameters,
    );
    return rows.map((row) => ({
      object: toTargetObject(row),
      appliedAt: row.applied_at?.getTime() ?? null,
      repairedFrom: row.repaired_from,
    }));
  }

  /** What a run remembers of the pages of an object type, page by page. */
  async listed(runId: string, objectType: ObjectType): Promise<Pick<ListedPage, 'ids' | 'keys'>[]> {
    return this.#database.query<Pick<ListedPage, 'ids' | 'keys'>>(
      'select hashes as ids, keys from reconciliation_pages where run_id = $1 and object_type = $2',
      [runId, objectType],
    );
  }

  /**
   * Records a step of a run with everything that it changes, in one transaction. An object that was written or told anew since it
   * was read is left as it is. Throws FencedError.
   */
  async step(
    fence: Fence,
    { run, findings, adopt, page, memberships, references }: RunStep,
    now: number,
  ): Promise<void> {
    await this.#database.transaction(async (tx) => {
      if (!(await ownedConnections(tx, [fence])).has(fence.spConnection))
        throw new FencedError('The SP connection has another owner by now.');
      await this.#repair(tx, findings, now);
      await remember(tx, findings, now);
      await wake(tx, adopt, now);
      await correctMemberships(tx, fence.spConnection, memberships ?? [], now);
      await correctReferences(tx, fence.spConnection, references ?? [], now);
      if (page !== undefined)
        await tx.query(
          `insert into reconciliation_pages (run_id, object_type, page, hashes, keys) values ($1, $2, $3, $4, $5)
           on conflict (run_id, object_type, page) do update set hashes = excluded.hashes, keys = excluded.keys`,
          [run.id, page.objectType, page.page, page.ids, page.keys],
        );
      await tx.query(
        `update reconciliations set state = $2, cause = $3, started_at = $4, finished_at = $5, position = $6::jsonb,
           counts = $7::jsonb, samples = $8::jsonb, shown = $9::jsonb, requests = $10 where id = $1`,
        [
          run.id,
          run.state,
          run.cause,
          run.startedAt,
          run.finishedAt,
          jsonbText(run.position),
          jsonbText(run.counts),
          jsonbText(run.samples),
          jsonbText(run.shown),
          run.requests,
        ],
      );
      if (run.finishedAt !== null || run.position.objectType === undefined)
        await tx.query('delete from reconciliation_pages where run_id = $1', [run.id]);
    });
  }

  async #repair(tx: Transaction, findings: readonly Finding[], now: number): Promise<void> {
    const repairs = findings.filter((finding) => finding.applied !== undefined);
    if (repairs.length === 0) return;
    const rows = await tx.query<{ object_id: string; gone: boolean }>(
      `with i as materialized (
         select i.* from jsonb_to_recordset($1::jsonb)
           as i(c text, o text, sq bigint, cf bigint, ti text, aa timestamptz, ap jsonb, tv text, gone boolean)
         join target_objects t on t.sp_connection = i.c and t.object_id = i.o
         order by t.sp_connection, t.object_id for update of t)
       update target_objects t set
         applied = case when i.gone then null else i.ap end,
         target_id = case when i.gone then null else t.target_id end, target_version = i.tv,
         state = 'pending', lane = $2, reason = '${REPAIR_REASON}', failures = 0, first_attempt_at = null, next_attempt_at = $3
       from i
       where t.sp_connection = i.c and t.object_id = i.o and t.state = 'done' and t.version_sequence = i.sq
         and t.version_config = i.cf and t.target_id = i.ti
         and date_trunc('milliseconds', t.applied_at) is not distinct from i.aa
       returning t.object_id, i.gone`,
      [
        jsonbText(
          repairs.map(({ object, appliedAt, applied, targetVersion }) => ({
            c: object.spConnection,
            o: object.objectId,
            sq: object.version.sequence,
            cf: object.version.config,
            ti: object.targetId,
            aa: appliedAt === null ? null : isoOf(appliedAt),
            ap: applied ?? null,
            tv: targetVersion ?? null,
            gone: applied === null,
          })),
        ),
        laneIndex('bulk'),
        isoOf(now),
      ],
    );
    const spConnection = repairs[0]?.object.spConnection ?? '';
    const gone = rows.filter((row) => row.gone).map((row) => ({ spConnection, objectId: row.object_id }));
    await this.#edges.forget(tx, gone, now);
  }
}

/** Idempotent by id. */
export async function requestRun(
  tx: Pick<Transaction, 'query'>,
  run: Pick<ReconciliationRun, 'id' | 'spConnection' | 'objectId' | 'scheduled' | 'repair' | 'requestedBy'>,
): Promise<void> {
  await tx.query(
    `insert into reconciliations (id, sp_connection, object_id, scheduled, repair, requested_by)
     values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing`,
    [run.id, run.spConnection, run.objectId, run.scheduled, run.repair, run.requestedBy],
  );
}

async function remember(tx: Transaction, findings: readonly Finding[], now: number): Promise<void> {
  const seen = findings.filter((finding) => finding.seen !== null);
  if (seen.length === 0) return;
  await tx.query(
    `insert into seen_objects as s (sp_connection, object_id, seen, seen_at, repaired)
     select i.c, i.o, i.s, $2, i.r from jsonb_to_recordset($1::jsonb) as i(c text, o text, s jsonb, r boolean)
     on conflict (sp_connection, object_id) do update
       set seen = excluded.seen, seen_at = excluded.seen_at, repaired = s.repaired or excluded.repaired`,
    [
      jsonbText(
        seen.map((finding) => ({
          c: finding.object.spConnection,
          o: finding.object.objectId,
          s: finding.seen,
          r: finding.applied !== undefined,
        })),
      ),
      isoOf(now),
    ],
  );
}

async function wake(tx: Transaction, objects: readonly TargetObject[], now: number): Promise<void> {
  if (objects.length === 0) return;
  await tx.query(
    `update target_objects t set state = 'pending', lane = $3, failures = 0, first_attempt_at = null, next_attempt_at = $4
     from unnest($1::text[], $2::text[]) as i(c, o)
     where t.sp_connection = i.c and t.object_id = i.o and t.state in ('failed', 'skipped') and t.target_id is null`,
    [
      objects.map(({ spConnection }) => spConnection),
      objects.map(({ objectId }) => objectId),
      laneIndex('bulk'),
      isoOf(now),
    ],
  );
}
