import pg from 'pg';

export interface TargetObjectView {
  readonly spConnection: string;
  readonly objectId: string;
  readonly objectType: 'user' | 'group';
  readonly state: string;
  readonly targetId: string | null;
  readonly sequence: string;
  readonly config: string;
  readonly lastOutcome: unknown;
}

export interface OpenWork {
  readonly pending: number;
  readonly edges: number;
  readonly outbox: number;
  readonly captured: number;
}

/** What the services have in their tables, read beside them. */
export class DatabaseView {
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
  }

  targetObjects(): Promise<TargetObjectView[]> {
    return this
      .query(`select sp_connection as "spConnection", object_id as "objectId", object_type as "objectType", state,
      target_id as "targetId", version_sequence::text as sequence, version_config::text as config, last_outcome as "lastOutcome"
      from dispatch.target_objects`);
  }

  /** What somebody still has to do. Memberships count when both ends have an account. */
  async openWork(): Promise<OpenWork> {
    const [row] = await this.query<OpenWork>(`select
      (select count(*)::int from dispatch.target_objects where state = 'pending') as pending,
      (select count(*)::int from dispatch.edges e
         join dispatch.target_objects m on m.sp_connection = e.sp_connection and m.object_id = e.member_id
         join dispatch.target_objects o on o.sp_connection = e.sp_connection and o.object_id = e.other_id
         where e.desired <> e.applied and m.target_id is not null and o.target_id is not null) as edges,
      ((select count(*) from capture.outbox) + (select count(*) from dispatch.outbox)
         + (select count(*) from admin.outbox))::int as outbox,
      (select count(*)::int from capture.entries where pending > 0) as captured`);
    if (row === undefined) throw new Error('The database says nothing.');
    return row;
  }

  async query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const client = await this.connect();
    try {
      return (await client.query(sql, [...parameters])).rows as T[];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url(),
      connectionTimeoutMillis: 5_000,
      query_timeout: 20_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}
