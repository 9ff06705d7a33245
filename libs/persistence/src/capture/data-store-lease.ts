import type { Database, Session } from '../database/database.js';

/** Apart from the keys of advisoryLockKey, which are pairs. */
const PREFIX = 'provisor/capture/';
const PROBE_MS = 5_000;

/** The right to capture a data store: one owner at a time over all replicas. */
export interface DataStoreLease {
  /** Aborted when the lease is lost or given back. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Tries once to become the owner of a data store: a session advisory lock on a connection of its own, which the server gives to
 * the next one when the connection ends for whatever reason. Undefined if somebody else has it.
 */
export async function leaseDataStore(database: Database, dataStore: string): Promise<DataStoreLease | undefined> {
  const session = await database.session(`lease ${dataStore}`);
  try {
    const [row] = await session.query<{ got: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as got', [
      PREFIX + dataStore,
    ]);
    if (row?.got === true) return held(session);
  } catch (error) {
    await session.close();
    throw error;
  }
  await session.close();
  return undefined;
}

function held(session: Session): DataStoreLease {
  // A connection that died without a word would only be noticed when it is used.
  const probe = setInterval(() => void session.query('select 1').catch(() => session.close()), PROBE_MS);
  probe.unref();
  const end = () => clearInterval(probe);
  session.lost.addEventListener('abort', end, { once: true });
  return {
    lost: session.lost,
    release: async () => {
      end();
      await session.close();
    },
  };
}
