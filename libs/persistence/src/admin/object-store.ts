import type { ObjectType, Operation, OutcomeKind } from '@provisor/contracts';
import type { Database } from '../database/database.js';

/** The last word on one object at one SP connection, derived from its results. */
export interface ObjectSummary {
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly label?: string;
  readonly version: { readonly sequence: number; readonly config: number };
  readonly operation: Operation;
  readonly outcome: OutcomeKind;
  readonly terminal: boolean;
  readonly code: string;
  readonly cause?: string;
  readonly remedy?: string;
  readonly attempt: number;
  readonly nextAttemptAt?: Date;
  readonly targetId?: string;
  readonly appliedAt?: Date;
  readonly finishedAt: Date;
}

/** Objects of an SP connection that fail for one reason. */
export interface FailureGroup {
  readonly code: string;
  readonly outcome: OutcomeKind;
  readonly objects: number;
  /** One of the objects, and what was said of it. */
  readonly example?: string;
}

interface ObjectRow {
  sp_connection: string;
  object_id: string;
  object_type: ObjectType;
  label: string | null;
  version_sequence: string;
  version_config: string;
  operation: Operation;
  outcome: OutcomeKind;
  terminal: boolean;
  code: string;
  cause: string | null;
  remedy: string | null;
  attempt: string;
  next_attempt_at: Date | null;
  target_id: string | null;
  applied_at: Date | null;
  finished_at: Date;
}
// By name: a prepared statement must not change its columns when a migration adds one.
const COLUMNS =
  'sp_connection, object_id, object_type, label, version_sequence, version_config, operation, outcome, ' +
  'terminal, code, cause, remedy, attempt, next_attempt_at, target_id, applied_at, finished_at';

/** Finds objects and what became of them. Written by `ResultStore` alone. */
export class ObjectStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(spConnection: string, objectId: string): Promise<ObjectSummary | undefined> {
    const rows = await this.#database.query<ObjectRow>(
      `select ${COLUMNS} from objects where sp_connection = $1 and object_id = $2`,
      [spConnection, objectId],
    );
    return rows.map(toSummary)[0];
  }

  /**
   * Objects that people may mean by `text`: by id, by whole label (DN or user name), by the first value of a DN, by the beginning of
   * either, and only where none of these has a match by any part of the label. Cases do not matter, except in ids.
   */
  async search(o: { text: string; spConnection?: string; limit: number }): Promise<ObjectSummary[]> {
    const exact = await this.#search(EXACT, o);
    if (exact.length > 0) return exact;
    const beginning = await this.#search(BEGINNING, { ...o, text: `${escapeLike(o.text)}%` });
    if (beginning.length > 0) return beginning;
    return this.#search(ANYWHERE, { ...o, text: `%${escapeLike(o.text)}%` });
  }

  /** What the last results of failing objects say, the most frequent first. */
  async failures(spConnection: string, limit: number): Promise<FailureGroup[]> {
    const rows = await this.#database.query<{
      code: string;
      outcome: OutcomeKind;
      objects: string;
      example: string | null;
    }>(
      `select code, outcome, count(*) as objects, min(coalesce(label, object_id) || coalesce(': ' || cause, '')) as example
       from objects where sp_connection = $1 and outcome in ('retryable', 'rejected', 'halted', 'held')
       group by code, outcome order by count(*) desc, code limit $2`,
      [spConnection, limit],
    );
    return rows.map(({ code, outcome, objects, example }) => ({
      code,
      outcome,
      objects: Number(objects),
      ...(example === null ? {} : { example }),
    }));
  }

  async #search(condition: string, o: { text: string; spConnection?: string; limit: number }) {
    const rows = await this.#database.query<ObjectRow>(
      `select ${COLUMNS} from objects where ${condition} and ($2::text is null or sp_connection = $2)
       order by label, object_id, sp_connection limit $3`,
      [o.text, o.spConnection ?? null, o.limit],
    );
    return rows.map(toSummary);
  }
}

const EXACT = '(object_id = $1 or lower(label) = lower($1) or lower(short_label) = lower($1))';
const BEGINNING = '(lower(label) like lower($1) or lower(short_label) like lower($1))';
const ANYWHERE = 'lower(label) like lower($1)';
const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');

function toSummary(row: ObjectRow): ObjectSummary {
  return {
    spConnection: row.sp_connection,
    objectId: row.object_id,
    objectType: row.object_type,
    ...(row.label === null ? {} : { label: row.label }),
    version: { sequence: Number(row.version_sequence), config: Number(row.version_config) },
    operation: row.operation,
    outcome: row.outcome,
    terminal: row.terminal,
    code: row.code,
    ...(row.cause === null ? {} : { cause: row.cause }),
    ...(row.remedy === null ? {} : { remedy: row.remedy }),
    attempt: Number(row.attempt),
    ...(row.next_attempt_at === null ? {} : { nextAttemptAt: row.next_attempt_at }),
    ...(row.target_id === null ? {} : { targetId: row.target_id }),
    ...(row.applied_at === null ? {} : { appliedAt: row.applied_at }),
    finishedAt: row.finished_at,
  };
}
