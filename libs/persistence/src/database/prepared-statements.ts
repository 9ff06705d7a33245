import type pg from 'pg';

/** Most statements that are prepared; whatever comes after them is planned each time. It bounds what a connection holds in the server. */
const MOST = 200;
/** A plan that was made for a small table is not kept for the large one that it has become. */
const PLAN_LIFE_MS = 10_000;

/**
 * Prepares the statements of one pool, because planning a statement with several joins takes longer than carrying it out for a few rows.
 * PostgreSQL documentation, PREPARE: a plan is kept until the statistics of its tables change; in a table that fills quickly that is
 * late, so plans are thrown away at intervals (DISCARD PLANS).
 */
export class PreparedStatements {
  readonly #names = new Map<string, string>();
  readonly #plannedAt = new WeakMap<object, number>();
  readonly #now: () => number;

  /** `now` in milliseconds from any origin. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What to hand to the client for a statement. */
  query(sql: string, params: readonly unknown[]): pg.QueryConfig {
    const name = this.#nameOf(sql);
    return { text: sql, values: [...params], ...(name === undefined ? {} : { name }) };
  }

  /** To be called whenever a connection is taken from the pool. */
  async refresh(client: pg.ClientBase): Promise<void> {
    const now = this.#now();
    const plannedAt = this.#plannedAt.get(client);
    if (plannedAt !== undefined && now - plannedAt < PLAN_LIFE_MS) return;
    this.#plannedAt.set(client, now);
    if (plannedAt !== undefined) await client.query('DISCARD PLANS');
  }

  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.size >= MOST) return known;
    const name = `${operationOf(sql)} ${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }
}

/** For people who read traces: what a statement does, and to which table. */
function operationOf(sql: string): string {
  const [, verb, table] =
    /\b(insert into|update|delete from)\s+(\w+)/i.exec(sql) ?? /\b(select)\b.*?\bfrom\s+(\w+)/is.exec(sql) ?? [];
  return verb === undefined ? 'statement' : `${verb.split(' ')[0]} ${table?.slice(0, 40)}`.toLowerCase();
}
