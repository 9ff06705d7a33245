import type { Database } from '@provisor/persistence';

const CHANNEL = 'provisor_admin_results';

/** Tells every replica of this service that results were stored, so that those who wait for them are woken. */
export class ResultNotices {
  readonly #database: Database;
  #sending = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** To be called after the commit. Calls that come while a notice is under way fold into it. */
  send(): void {
    if (this.#sending) return;
    this.#sending = true;
    this.#database
      .query('select pg_notify($1, $2)', [CHANNEL, ''])
      .catch(() => undefined) // Whoever waits looks by itself once a second.
      .finally(() => (this.#sending = false));
  }

  /** Calls `heard` at each notice; returns how to end it. */
  listen(heard: () => void): Promise<() => Promise<void>> {
    return this.#database.listen(CHANNEL, heard);
  }
}
