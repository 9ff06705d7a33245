import { LANES, type Lane, type Policy } from '@provisor/contracts';
import type { Connection } from './connection.js';

/** What the owner knows about the near future of an SP connection, and no table says. */
export interface Outlook {
  /** By which the next step of an object is planned; undefined while the SP connection cannot be used. */
  readonly policy: Policy | undefined;
  /** The limit scope makes no calls before this time, in milliseconds since the epoch. */
  readonly throttledUntil: number | undefined;
  /** Objects in memory that wait for their turn. */
  readonly queued: Readonly<Record<Lane, number>>;
  /** Bulk work waits until the accounts at the target are listed. */
  readonly listing: boolean;
}

export function outlookOf(connection: Connection, now: number): Outlook {
  const { session, scope, work, bulkWaits } = connection;
  const { pausedUntil } = scope.bucket;
  return {
    policy: session?.policy,
    throttledUntil: pausedUntil > now ? pausedUntil : undefined,
    queued: Object.fromEntries(LANES.map((lane) => [lane, work.queue.sizeOf(lane)])) as Record<Lane, number>,
    listing: bulkWaits,
  };
}
