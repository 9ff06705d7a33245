import type { OutcomeKind, ProvisioningResult } from '@provisor/contracts';
import type { Database, Transaction } from '../database/database.js';
import { jsonbText } from './jsonb-text.js';

export interface StoredResult {
  /** Order of arrival; the cursor of every listing. */
  readonly seq: string;
  readonly result: ProvisioningResult;
}

export interface ResultQuery {
  readonly spConnection?: string;
  readonly objectId?: string;
  readonly outcomes?: readonly OutcomeKind[];
  readonly since?: Date;
  /** Only results before this cursor (`newest-first`) or after it (`oldest-first`). */
  readonly cursor?: string;
  readonly order: 'newest-first' | 'oldest-first';
  readonly limit: number;
}

/** The history: one row per result, idempotent by its id, and a summary of each object kept beside it. */
export class ResultStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores results in order and brings the summaries of their objects up to date; answers how many were new. */
  async add(results: readonly ProvisioningResult[]): Promise<number> {
    if (results.length === 0) return 0;
    // A repetition in the same batch must not count as later word on its object.
    const rows = firstOfEach(results).map(jsonbText);
    return this.#database.transaction(async (tx) => {
      await takeTurn(tx);
      const added = await tx.query<{ id: string }>(INSERT_RESULTS, [rows]);
      if (added.length > 0) await tx.query(UPDATE_OBJECTS, [rows, added.map((row) => row.id)]);
      return added.length;
    });
  }

  async list(query: ResultQuery): Promise<StoredResult[]> {
    const { where, parameters } = conditions(query);
    const direction = query.order === 'newest-first' ? 'desc' : 'asc';
    return this.#database.query<StoredResult>(
      `select seq, result from results ${where} order by seq ${direction} limit ${query.limit}`,
      parameters,
    );
  }

  /** Cursor of the newest result; `0` where there is none. */
  async end(): Promise<string> {
    const rows = await this.#database.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from results');
    return rows[0]?.seq ?? '0';
  }

  /** Removes at most `limit` results that finished before `before`; answers how many. */
  async removeOlder(before: Date, limit: number): Promise<number> {
    const rows = await this.#database.query<{ seq: string }>(
      `with gone as (delete from results where seq in
         (select seq from results where finished_at < $1 order by seq limit $2) returning seq)
       select seq from gone`,
      [before, limit],
    );
    return rows.length;
  }
}

function firstOfEach(results: readonly ProvisioningResult[]): ProvisioningResult[] {
  const seen = new Set<string>();
  return results.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Writers take turns so that `seq` is the order of commits: a reader that follows the cursor misses nothing. */
async function takeTurn(tx: Transaction): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('provisor.admin.results', 0))`);
}

function conditions(query: ResultQuery): { where: string; parameters: unknown[] } {
  const parameters: unknown[] = [];
  const parts: string[] = [];
  const add = (condition: (place: string) => string, value: unknown) => {
    parameters.push(value);
    parts.push(condition(`$${parameters.length}`));
  };
  if (query.spConnection !== undefined) add((p) => `sp_connection = ${p}`, query.spConnection);
  if (query.objectId !== undefined) add((p) => `object_id = ${p}`, query.objectId);
  if (query.outcomes !== undefined && query.outcomes.length > 0) {
    add((p) => `outcome = any(${p}::text[])`, query.outcomes);
    if (query.outcomes.every((outcome) => FAILURES.includes(outcome))) parts.push(IS_FAILURE);
  }
  if (query.since !== undefined) add((p) => `finished_at >= ${p}`, query.since);
  if (query.cursor !== undefined)
    add((p) => `seq ${query.order === 'newest-first' ? '<' : '>'} ${p}::bigint`, query.cursor);
  return { where: parts.length === 0 ? '' : `where ${parts.join(' and ')}`, parameters };
}

const FAILURES: readonly OutcomeKind[] = ['retryable', 'rejected', 'halted', 'held'];
/** Written as in the partial index on failures, so that the planner may use it. */
const IS_FAILURE = `outcome in ('retryable', 'rejected', 'halted', 'held')`;

const INSERT_RESULTS = `
  insert into results (id, sp_connection, object_id, outcome, finished_at, result)
  select r->>'id', r->>'spConnection', r->>'objectId', r->>'outcome', (r->>'finishedAt')::timestamptz, r
  from unnest($1::jsonb[]) with ordinality as incoming (r, position)
  order by position
  on conflict (id) do nothing
  returning id`;

/**
 * The last word on each object: of the new results the last one that is about its newest version. A result about an older
 * version, or the note that one was superseded, changes nothing here.
 */
const UPDATE_OBJECTS = `
  insert into objects as o (sp_connection, object_id, object_type, label, short_label, version_sequence, version_config,
    operation, outcome, terminal, code, cause, remedy, attempt, next_attempt_at, target_id, applied_at, finished_at)
  select distinct on (r->>'spConnection', r->>'objectId')
    r->>'spConnection', r->>'objectId', r->>'objectType', r->>'label',
    substring(r->>'label' from '^[A-Za-z0-9.-]+=([^,+]+)'),
    (r->'version'->>'sequence')::bigint, (r->'version'->>'config')::bigint,
    r->>'operation', r->>'outcome', (r->>'terminal')::boolean, r->>'code', r->>'cause', r->>'remedy',
    (r->>'attempt')::bigint, (r->>'nextAttemptAt')::timestamptz, r->>'targetId',
    case when r->>'outcome' in ('applied', 'unchanged') then (r->>'finishedAt')::timestamptz end,
    (r->>'finishedAt')::timestamptz
  from unnest($1::jsonb[]) with ordinality as incoming (r, position)
  where r->>'id' = any($2::text[]) and r->>'outcome' <> 'superseded'
  order by r->>'spConnection', r->>'objectId',
    (r->'version'->>'sequence')::bigint desc, (r->'version'->>'config')::bigint desc, position desc
  on conflict (sp_connection, object_id) do update set
    object_type = excluded.object_type,
    label = coalesce(excluded.label, o.label),
    short_label = case when excluded.label is null then o.short_label else excluded.short_label end,
    version_sequence = excluded.version_sequence, version_config = excluded.version_config,
    operation = excluded.operation, outcome = excluded.outcome, terminal = excluded.terminal,
    code = excluded.code, cause = excluded.cause, remedy = excluded.remedy,
    attempt = excluded.attempt, next_attempt_at = excluded.next_attempt_at,
    target_id = coalesce(excluded.target_id, o.target_id),
    applied_at = coalesce(excluded.applied_at, o.applied_at),
    finished_at = excluded.finished_at
  where (excluded.version_sequence, excluded.version_config) >= (o.version_sequence, o.version_config)`;
