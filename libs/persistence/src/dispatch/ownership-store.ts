import type { Database, Transaction } from '../database/database.js';

/** A partition of the commands topic as its owner holds it. */
export interface Ownership {
  readonly partition: number;
  /** Grows with every change of owner; a state write with an older one is refused. */
  readonly epoch: number;
}

/** The SP connection belongs to somebody else by now: another process owns its partition, or it moved to another one. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** What a state write is checked against. */
export interface Fence extends Ownership {
  readonly spConnection: string;
}

export interface ConnectionState {
  readonly spConnection: string;
  readonly limitScope: string;
  readonly partition: number;
  readonly paused: boolean;
  readonly quarantine: Quarantine | null;
  readonly probeAt: number | null;
}
export interface Quarantine {
  readonly code: string;
  readonly cause?: string;
  readonly remedy?: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

interface ConnectionRow {
  sp_connection: string;
  limit_scope: string;
  partition: number;
  paused: boolean;
  quarantine: Quarantine | null;
  probe_at: Date | null;
}

/** Who owns which partition, and what is known about whole SP connections and limit scopes. */
export class OwnershipStore {
  readonly #database: Database;
  readonly #targetType: string;

  constructor(database: Database, targetType: string) {
    this.#database = database;
    this.#targetType = targetType;
  }

  /**
   * Takes a partition over, unless another owner's lease on it still runs: then answers how long it runs, in milliseconds.
   */
  async claim(
    partition: number,
    owner: string,
    leaseMs: number,
  ): Promise<{ kind: 'claimed'; epoch: number } | { kind: 'leased'; forMs: number }> {
    const claimed = await this.#database.transaction(async (tx) => {
      // Waits for writers under the epoch before: they hold the row against this lock, and against no renewal.
      await tx.query('select 1 from partitions where target_type = $1 and partition = $2 for update', [
        this.#targetType,
        partition,
      ]);
      return tx.query<{ epoch: string }>(
        `insert into partitions as p (target_type, partition, epoch, owner, lease_until)
       values ($1, $2, 1, $3, now() + $4 * interval '1 millisecond')
       on conflict (target_type, partition) do update
         set epoch = p.epoch + 1, owner = excluded.owner, lease_until = excluded.lease_until
         where p.lease_until <= now() or p.owner = excluded.owner
       returning epoch`,
        [this.#targetType, partition, owner, leaseMs],
      );
    });
    if (claimed[0] !== undefined) return { kind: 'claimed', epoch: Number(claimed[0].epoch) };
    const rest = await this.#database.query<{ ms: number }>(
      `select greatest(0, extract(epoch from lease_until - now()) * 1000)::float8 as ms
       from partitions where target_type = $1 and partition = $2`,
      [this.#targetType, partition],
    );
    return { kind: 'leased', forMs: rest[0]?.ms ?? 0 };
  }

  /** Extends the leases that are still ours; a partition that is missing from the answer has another owner. */
  async renew(owned: readonly Ownership[], leaseMs: number): Promise<ReadonlySet<number>> {
    const rows = await this.#database.query<{ partition: number }>(
      `update partitions p set lease_until = now() + $2 * interval '1 millisecond'
       from jsonb_to_recordset($3::jsonb) as i(partition int, epoch bigint)
       where p.target_type = $1 and p.partition = i.partition and p.epoch = i.epoch
       returning p.partition`,
      [this.#targetType, leaseMs, JSON.stringify(owned)],
    );
    return new Set(rows.map((row) => row.partition));
  }

  /** Ends a lease at once, so that the next owner need not wait. */
  async release({ partition, epoch }: Ownership): Promise<void> {
    await this.#database.query(
      `update partitions set lease_until = now() where target_type = $1 and partition = $2 and epoch = $3`,
      [this.#targetType, partition, epoch],
    );
  }

  /** Makes SP connections known under their limit scope; one whose scope was renamed moves with all its objects. */
  async register(
    partition: number,
    connections: readonly { spConnection: string; limitScope: string }[],
  ): Promise<ConnectionState[]> {
    const rows = [...connections].sort((a, b) => (a.spConnection < b.spConnection ? -1 : 1));
    return this.#database.transaction(async (tx) => {
      // Writers for a connection hold it against this lock alone, so that pausing it need not wait for them.
      await tx.query(
        `select 1 from sp_connections c join unnest($3::text[], $4::text[]) as i(c, s) on c.sp_connection = i.c
         where (c.target_type, c.limit_scope, c.partition) is distinct from ($1, i.s, $2::int)
         order by c.sp_connection for update of c`,
        [this.#targetType, partition, rows.map((row) => row.spConnection), rows.map((row) => row.limitScope)],
      );
      await tx.query(
        `insert into limit_scopes (target_type, scope, partition)
         select distinct $1, i.scope, $2::int from unnest($3::text[]) as i(scope)
         on conflict (target_type, scope) do update set partition = excluded.partition`,
        [this.#targetType, partition, [...new Set(rows.map((row) => row.limitScope))].sort()],
      );
      await tx.query(
        `insert into sp_connections as c (sp_connection, target_type, limit_scope, partition)
         select i.c, $1, i.s, $2::int from unnest($3::text[], $4::text[]) as i(c, s)
         on conflict (sp_connection) do update
           set target_type = excluded.target_type, limit_scope = excluded.limit_scope, partition = excluded.partition
           where (c.target_type, c.limit_scope, c.partition)
             is distinct from (excluded.target_type, excluded.limit_scope, excluded.partition)`,
        [this.#targetType, partition, rows.map((row) => row.spConnection), rows.map((row) => row.limitScope)],
      );
      const states = await tx.query<ConnectionRow>(
        `select ${CONNECTION_COLUMNS} from sp_connections where sp_connection = any($1::text[])`,
        [rows.map((row) => row.spConnection)],
      );
      return states.map(toState);
    });
  }

  async connectionsOf(partition: number): Promise<ConnectionState[]> {
    const rows = await this.#database.query<ConnectionRow>(
      `select ${CONNECTION_COLUMNS} from sp_connections where target_type = $1 and partition = $2`,
      [this.#targetType, partition],
    );
    return rows.map(toState);
  }

  async connection(spConnection: string): Promise<ConnectionState | undefined> {
    const rows = await this.#database.query<ConnectionRow>(
      `select ${CONNECTION_COLUMNS} from sp_connections where target_type = $1 and sp_connection = $2`,
      [this.#targetType, spConnection],
    );
    return rows.map(toState)[0];
  }

  /** Until when each limit scope of a partition has to wait; scopes that need not are left out. */
  async throttled(partition: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query<{ scope: string; throttled_until: Date }>(
      `select scope, throttled_until from limit_scopes
       where target_type = $1 and partition = $2 and throttled_until > now()`,
      [this.#targetType, partition],
    );
    return new Map(rows.map((row) => [row.scope, row.throttled_until.getTime()]));
  }

  async throttle(scope: string, until: number): Promise<void> {
    await this.#database.query('update limit_scopes set throttled_until = $3 where target_type = $1 and scope = $2', [
      this.#targetType,
      scope,
      new Date(until),
    ]);
  }

  /** Null ends the quarantine. */
  async quarantine(fence: Fence, quarantine: Quarantine | null, probeAt: number | null): Promise<void> {
    await this.#database.query(
      `update sp_connections c set quarantine = $4::jsonb, probe_at = $5
       from partitions p
       where c.sp_connection = $1 and p.target_type = c.target_type and p.partition = c.partition
         and p.partition = $2 and p.epoch = $3`,
      [
        fence.spConnection,
        fence.partition,
        fence.epoch,
        quarantine === null ? null : JSON.stringify(quarantine),
        probeAt === null ? null : new Date(probeAt),
      ],
    );
  }
}

const CONNECTION_COLUMNS = 'sp_connection, limit_scope, partition, paused, quarantine, probe_at';
const toState = (row: ConnectionRow): ConnectionState => ({
  spConnection: row.sp_connection,
  limitScope: row.limit_scope,
  partition: row.partition,
  paused: row.paused,
  quarantine: row.quarantine,
  probeAt: row.probe_at?.getTime() ?? null,
});

/**
 * The SP connections among `fences` that are still owned as they say. Holds off every change of owner until the transaction
 * ends, so that what it writes is written by the owner or not at all.
 */
export async function ownedConnections(tx: Transaction, fences: readonly Fence[]): Promise<ReadonlySet<string>> {
  const distinct = new Map(fences.map((fence) => [fence.spConnection, fence]));
  const rows = await tx.query<{ sp_connection: string }>(
    `select c.sp_connection
     from jsonb_to_recordset($1::jsonb) as i("spConnection" text, partition int, epoch bigint)
     join sp_connections c on c.sp_connection = i."spConnection" and c.partition = i.partition
     join partitions p on p.target_type = c.target_type and p.partition = c.partition and p.epoch = i.epoch
     for key share of c, p`,
    [JSON.stringify([...distinct.values()])],
  );
  return new Set(rows.map((row) => row.sp_connection));
}
