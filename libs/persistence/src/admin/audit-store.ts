import type { Database, Transaction } from '../database/database.js';

/** Who did what to which document, SP connection, data store or secret. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: string;
  /** Verb, for example `document.updated`, `control.pause`, `secret.put`. */
  readonly action: string;
  /** What it was done to, for example `SpConnection/slack-prod`. */
  readonly subject: string;
  readonly requestId?: string;
  /** Never contains a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface StoredAuditEntry extends AuditEntry {
  readonly id: string;
}

interface AuditRow {
  id: string;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  request_id: string | null;
  details: Record<string, unknown>;
}

/** The audit trail: written in the transaction of what it tells about, never changed. */
export class AuditStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async append(tx: Transaction, entry: AuditEntry): Promise<void> {
    await tx.query(
      'insert into audit (at, actor, action, subject, request_id, details) values ($1, $2, $3, $4, $5, $6::jsonb)',
      [
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.requestId ?? null,
        JSON.stringify(entry.details ?? {}),
      ],
    );
  }

  /** Newest first, before the entry named by `before`. */
  async list(o: { before?: string; subject?: string; limit: number }): Promise<StoredAuditEntry[]> {
    const rows = await this.#database.query<AuditRow>(
      `select id, at, actor, action, subject, request_id, details from audit
       where ($1::bigint is null or id < $1) and ($2::text is null or subject = $2) order by id desc limit $3`,
      [o.before ?? null, o.subject ?? null, o.limit],
    );
    return rows.map((row) => ({
      id: row.id,
      at: row.at,
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      ...(row.request_id === null ? {} : { requestId: row.request_id }),
      details: row.details,
    }));
  }
}
