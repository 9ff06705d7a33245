import type { Document, DocumentKind } from '@provisor/contracts';
import type { Database, Transaction } from '../database/database.js';

/** A document as it is stored: references to stored secrets are kept, values are encrypted. */
export interface StoredDocument {
  readonly version: number;
  readonly document: Document;
  readonly appliedAt: Date;
  readonly appliedBy: string;
}

export type DocumentChange = 'created' | 'updated' | 'deleted';

/** One version of a document; `document` is null where the version is its removal. */
export interface DocumentVersion {
  readonly version: number;
  readonly change: DocumentChange;
  readonly document: Document | null;
  readonly appliedAt: Date;
  readonly appliedBy: string;
}

export interface DocumentWrite {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly change: DocumentChange;
  /** Null removes the document. */
  readonly document: Document | null;
  /** Names of the stored secrets that the document refers to. */
  readonly secrets: readonly string[];
  readonly at: Date;
  readonly by: string;
  readonly requestId?: string;
}

interface DocumentRow {
  version: string;
  document: Document;
  applied_at: Date;
  applied_by: string;
}
type VersionRow = Omit<DocumentRow, 'document'> & { change: DocumentChange; document: Document | null };

const COLUMNS = 'version, document, applied_at, applied_by';

/** The configuration documents of an installation and every version they had. */
export class ConfigurationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writers of the configuration take turns, so that versions are published in the order in which they were given. */
  async takeTurn(tx: Transaction): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('provisor.admin.configuration', 0))`);
  }

  async all(tx: Transaction = this.#database): Promise<StoredDocument[]> {
    const rows = await tx.query<DocumentRow>(`select ${COLUMNS} from documents order by kind, name`);
    return rows.map(toStored);
  }

  async list(kind?: DocumentKind): Promise<StoredDocument[]> {
    const rows = await this.#database.query<DocumentRow>(
      `select ${COLUMNS} from documents where $1::text is null or kind = $1 order by kind, name`,
      [kind ?? null],
    );
    return rows.map(toStored);
  }

  async find(kind: DocumentKind, name: string): Promise<StoredDocument | undefined> {
    const rows = await this.#database.query<DocumentRow>(
      `select ${COLUMNS} from documents where kind = $1 and name = $2`,
      [kind, name],
    );
    return rows.map(toStored)[0];
  }

  /** Documents that refer to a stored secret. */
  async usersOfSecret(tx: Transaction, secret: string): Promise<StoredDocument[]> {
    const rows = await tx.query<DocumentRow>(
      `select ${COLUMNS} from documents where secrets @> array[$1::text] order by kind, name`,
      [secret],
    );
    return rows.map(toStored);
  }

  /** Newest first. */
  async versions(kind: DocumentKind, name: string, limit: number): Promise<DocumentVersion[]> {
    const rows = await this.#database.query<VersionRow>(
      `select change, ${COLUMNS} from document_versions where kind = $1 and name = $2 order by version desc limit $3`,
      [kind, name, limit],
    );
    return rows.map(toVersion);
  }

  async findVersion(kind: DocumentKind, name: string, version: number): Promise<DocumentVersion | undefined> {
    const rows = await this.#database.query<VersionRow>(
      `select change, ${COLUMNS} from document_versions where kind = $1 and name = $2 and version = $3`,
      [kind, name, version],
    );
    return rows.map(toVersion)[0];
  }

  /** Stores one change under a new version, which it answers. The caller has taken its turn in the same transaction. */
  async write(tx: Transaction, write: DocumentWrite): Promise<number> {
    const json = write.document === null ? null : JSON.stringify(write.document);
    const rows = await tx.query<{ version: string }>(
      `insert into document_versions (version, kind, name, change, document, applied_at, applied_by, request_id)
       values (nextval('configuration_version'), $1, $2, $3, $4::jsonb, $5, $6, $7) returning version`,
      [write.kind, write.name, write.change, json, write.at, write.by, write.requestId ?? null],
    );
    const version = Number(rows[0]?.version);
    if (json === null) {
      await tx.query('delete from documents where kind = $1 and name = $2', [write.kind, write.name]);
      return version;
    }
    await tx.query(
      `insert into documents (kind, name, version, document, secrets, applied_at, applied_by)
       values ($1, $2, $3, $4::jsonb, $5::text[], $6, $7)
       on conflict (kind, name) do update set version = excluded.version, document = excluded.document,
         secrets = excluded.secrets, applied_at = excluded.applied_at, applied_by = excluded.applied_by`,
      [write.kind, write.name, version, json, [...write.secrets], write.at, write.by],
    );
    return version;
  }
}

const toStored = (row: DocumentRow): StoredDocument => ({
  version: Number(row.version),
  document: row.document,
  appliedAt: row.applied_at,
  appliedBy: row.applied_by,
});

const toVersion = (row: VersionRow): DocumentVersion => ({
  version: Number(row.version),
  change: row.change,
  document: row.document,
  appliedAt: row.applied_at,
  appliedBy: row.applied_by,
});
