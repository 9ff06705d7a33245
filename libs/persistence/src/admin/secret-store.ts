import type { Database, Transaction } from '../database/database.js';

/** What may be told about a stored secret. */
export interface StoredSecret {
  readonly name: string;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

interface SecretRow {
  name: string;
  updated_at: Date;
  updated_by: string;
}

/** Secrets by name, encrypted by the caller: this store never sees a clear value. */
export class SecretStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<StoredSecret[]> {
    const rows = await this.#database.query<SecretRow>(
      'select name, updated_at, updated_by from secrets order by name',
    );
    return rows.map((row) => ({ name: row.name, updatedAt: row.updated_at, updatedBy: row.updated_by }));
  }

  /** Encrypted values by name. */
  async sealed(tx: Transaction = this.#database): Promise<Map<string, string>> {
    const rows = await tx.query<{ name: string; sealed: string }>('select name, sealed from secrets');
    return new Map(rows.map((row) => [row.name, row.sealed]));
  }

  async put(tx: Transaction, secret: StoredSecret & { readonly sealed: string }): Promise<void> {
    await tx.query(
      `insert into secrets (name, sealed, updated_at, updated_by) values ($1, $2, $3, $4)
       on conflict (name) do update set sealed = excluded.sealed, updated_at = excluded.updated_at,
         updated_by = excluded.updated_by`,
      [secret.name, secret.sealed, secret.updatedAt, secret.updatedBy],
    );
  }

  /** True if there was one. */
  async remove(tx: Transaction, name: string): Promise<boolean> {
    const rows = await tx.query<{ name: string }>(
      'with gone as (delete from secrets where name = $1 returning name) select name from gone',
      [name],
    );
    return rows.length > 0;
  }
}
