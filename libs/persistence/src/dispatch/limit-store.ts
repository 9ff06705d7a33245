import type { Database } from '../database/database.js';

/** A budget of a limit scope over a longer span: at most `requests` in any `perMs` milliseconds. */
export interface WindowRule {
  readonly requests: number;
  readonly perMs: number;
}

/** What a reservation got. */
export interface Reservation {
  /** Requests that may be sent, all of them within this slice of the window. */
  readonly granted: number;
  /** End of the slice, in milliseconds since the epoch. */
  readonly until: number;
  /** When more can be had, where nothing was granted. */
  readonly retryAt?: number;
}

/** A window is counted in so many slices: this much of it is given away to be sure of every span. */
export const SLICES = 60;

/**
 * What limit scopes have spent of their windows. It is reserved before it is spent, so that a crash can only count too much.
 * Whoever owned a scope before, and in whatever process, is counted too.
 */
export class LimitStore {
  readonly #database: Database;
  readonly #targetType: string;

  constructor(database: Database, targetType: string) {
    this.#database = database;
    this.#targetType = targetType;
  }

  /** Reserves at most `want` requests of one window of a scope. */
  async reserve(scope: string, rule: WindowRule, want: number, now: number): Promise<Reservation> {
    const sliceMs = Math.max(1, Math.floor(rule.perMs / SLICES));
    const slice = Math.floor(now / sliceMs);
    // The oldest slice that a span which ends in this one can reach into.
    const oldest = slice - SLICES;
    const at = [this.#targetType, scope, rule.perMs];
    return this.#database.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`limits ${at.join(' ')}`]);
      await tx.query('delete from limit_usage where target_type = $1 and scope = $2 and per_ms = $3 and slice < $4', [
        ...at,
        oldest,
      ]);
      const rows = await tx.query<{ slice: string; used: number }>(
        'select slice, used from limit_usage where target_type = $1 and scope = $2 and per_ms = $3 order by slice',
        at,
      );
      const spent = rows.reduce((sum, row) => sum + row.used, 0);
      const granted = Math.max(0, Math.min(want, rule.requests - spent));
      const until = (slice + 1) * sliceMs;
      if (granted === 0) return { granted, until, retryAt: (Number(rows[0]?.slice ?? slice) + SLICES + 1) * sliceMs };
      await tx.query(
        `insert into limit_usage as u (target_type, scope, per_ms, slice, used) values ($1, $2, $3, $4, $5)
         on conflict (target_type, scope, per_ms, slice) do update set used = u.used + excluded.used`,
        [...at, slice, granted],
      );
      return { granted, until };
    });
  }
}
