import { metrics, withSpan, type Logger } from '@provisor/telemetry';
import { advisoryLockKey } from '../database/advisory-locks.js';
import type { Database, Session } from '../database/database.js';
import type { OutgoingRecordLike } from './outbox.js';
import type { ServiceSchema } from '../database/service-schema.js';

export interface OutboxRelayOptions {
  readonly database: Database;
  /** Resolves when every record is acknowledged; the order within one key is the order of the list. */
  publish(records: OutgoingRecordLike[]): Promise<void>;
  readonly log: Logger;
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Most rows per batch; 500 unless given. A batch has at most 4 MiB whatever its number of rows. */
  readonly batch?: number;
}

interface Row extends OutgoingRecordLike {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

const BATCH_ROWS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Also without any wake-up the table is looked at this often. */
const POLL_MS = 500;
/** How often a relay that stands by asks for the lease. */
const STANDBY_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Publishes the outbox of a schema. Of all relays on a schema one is active: it holds a session advisory lock on a connection of
 * its own, reads and deletes over that same connection, and so loses the right to go on the moment it loses the connection. The
 * others stand by.
 *
 * Delivery is at least once: rows are deleted after the acknowledgement, so a crash between the two publishes them again, and a
 * relay that lost its lease in the middle of a publication may still finish it beside its successor. Ids are given at insertion and
 * seen at commit, so a smaller id may appear after a larger one was published; it is published then. The order of one key is the
 * duty of its writers (see Outbox.append).
 */
export class OutboxRelay {
  readonly #options: OutboxRelayOptions;
  readonly #stopping = new AbortController();
  readonly #channel: string;
  #wake: () => void = () => undefined;
  #woken = false;
  #active = false;
  #nudging = false;
  #endings: (() => void | Promise<void>)[] = [];
  #loop: Promise<void> = Promise.resolve();

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#channel = `provisor_${options.database.schema}_outbox`;
  }

  /** Returns at once if the listener can be set up; publishing begins when the lease is free. */
  async start(): Promise<void> {
    const { database } = this.#options;
    this.#endings = [await database.listen(this.#channel, () => this.#signal()), ...this.#observe()];
    this.#loop = this.#run();
  }

  /** Finishes the batch in flight and frees the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#signal();
    await this.#loop;
    for (const end of this.#endings) await end();
    this.#endings = [];
  }

  /**
   * Says that rows have been committed. To be called after the commit, never inside the transaction: NOTIFY serialises the commits
   * of everybody who does it there. Calls that come while one is under way fold into it.
   */
  nudge(): void {
    if (this.#active) {
      this.#signal();
      return;
    }
    if (this.#nudging || this.#stopping.signal.aborted) return;
    this.#nudging = true;
    this.#options.database
      .query('SELECT pg_notify($1, $2)', [this.#channel, ''])
      .catch(() => undefined) // The poll finds the rows.
      .finally(() => (this.#nudging = false));
  }

  /** Rows that wait, and the age of the oldest in milliseconds. */
  async pending(): Promise<{ count: number; oldestAgeMs: number }> {
    const [row] = await this.#options.database.query<{ count: string; age: number | null }>(
      `SELECT (SELECT count(*) FROM outbox) AS count,
              (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 * 1000
                 FROM outbox ORDER BY id LIMIT 1) AS age`,
    );
    return { count: Number(row?.count ?? 0), oldestAgeMs: Math.max(0, row?.age ?? 0) };
  }

  #observe(): (() => void)[] {
    const attributes = { schema: this.#options.database.schema };
    let reading: Promise<{ count: number; oldestAgeMs: number }> | undefined;
    // Both gauges are read in one collection: one query serves them.
    const read = (): Promise<{ count: number; oldestAgeMs: number }> => {
      reading ??= this.pending().finally(() => (reading = undefined));
      return reading;
    };
    return [
      metrics.gauge('provisioning.outbox.pending', async () => [{ value: (await read()).count, attributes }]),
      metrics.gauge('provisioning.outbox.oldest_age', async () => [
        { value: (await read()).oldestAgeMs / 1000, attributes },
      ]),
    ];
  }

  async #run(): Promise<void> {
    const { log, clock, database } = this.#options;
    const stopping = this.#stopping.signal;
    for (let pause = FIRST_PAUSE_MS; !stopping.aborted;) {
      const session = await database.session('outbox relay').catch((error: unknown) => {
        log.warn('The outbox relay has no database connection', { err: error, nextTryInMs: pause });
        return undefined;
      });
      if (session === undefined) {
        await clock.sleep(pause, stopping);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        continue;
      }
      pause = FIRST_PAUSE_MS;
      try {
        if (await this.#lease(session)) await this.#relay(session);
      } catch (error) {
        if (!stopping.aborted) log.warn('The outbox relay lost its lease', { err: error });
      } finally {
        this.#active = false;
        await session.close();
      }
    }
  }

  /** Waits until this relay is the active one; false if it is stopped before. */
  async #lease(session: Session): Promise<boolean> {
    const { clock, database } = this.#options;
    const key = advisoryLockKey('outboxRelay', database.schema as ServiceSchema['name']);
    while (!this.#stopping.signal.aborted) {
      const [row] = await session.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', key);
      if (row?.got === true) {
        this.#active = true;
        return true;
      }
      await clock.sleep(STANDBY_MS, this.#stopping.signal);
    }
    return false;
  }

  async #relay(session: Session): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    let done: readonly string[] = [];
    while (!this.#stopping.signal.aborted) {
      this.#woken = false;
      const rows = await this.#head(session, done);
      done = [];
      if (rows.length === 0) {
        await this.#idle();
        continue;
      }
      if (await this.#published(rows, pause)) {
        done = rows.map((row) => row.id);
        pause = FIRST_PAUSE_MS;
      } else {
        await this.#options.clock.sleep(pause, this.#stopping.signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    if (done.length > 0) await session.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [done]);
  }

  async #published(rows: readonly Row[], pause: number): Promise<boolean> {
    const records = rows.map(({ topic, key, value, headers }) => ({ topic, key, value, headers }));
    const links = [...new Set(rows.map((row) => row.headers.traceparent).filter((parent) => parent !== undefined))];
    const { log, database } = this.#options;
    try {
      await withSpan(
        'relay outbox',
        {
          kind: 'internal',
          links,
          attributes: { 'db.namespace': database.schema, 'messaging.batch.message_count': rows.length },
        },
        () => this.#options.publish(records),
      );
      return true;
    } catch (error) {
      log.warn('Records of the outbox could not be published; trying again', {
        err: error,
        records: rows.length,
        nextTryInMs: pause,
      });
      return false;
    }
  }

  /**
   * Deletes what is done, and answers the first rows of the rest by id up to the batch's limits; a single row may exceed the limit in
   * bytes. One pass without a join: what the planner knows of a queue is always old.
   */
  async #head(session: Session, done: readonly string[]): Promise<Row[]> {
    return session.query<Row>(
      `WITH gone AS (DELETE FROM outbox WHERE id = ANY($3::bigint[]))
       SELECT id, topic, key, value, headers
         FROM (SELECT first_rows.*,
                      sum(coalesce(octet_length(value), 0) + octet_length(key)) OVER (ORDER BY id) AS bytes,
                      row_number() OVER (ORDER BY id) AS position
                 FROM (SELECT id, topic, key, value, headers FROM outbox
                       WHERE id <> ALL($3::bigint[]) ORDER BY id LIMIT $1) AS first_rows) AS head
        WHERE bytes <= $2 OR position = 1
        ORDER BY id`,
      [this.#options.batch ?? BATCH_ROWS, BATCH_BYTES, done],
    );
  }

  async #idle(): Promise<void> {
    if (this.#woken) return;
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await this.#options.clock.sleep(POLL_MS, wake.signal);
    this.#wake = () => undefined;
  }

  #signal(): void {
    this.#woken = true;
    this.#wake();
  }
}
