import type { Database } from '../database/database.js';
import { MEMBER } from './edge.js';
import { FencedError, ownedConnections, type Fence } from './ownership-store.js';
import { isoOf } from './target-object.js';

/** The end of a membership that was sent. */
export interface SentMembershipEnd {
  readonly groupId: string;
  readonly memberId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the guards of SP connections count, besides removals: values that were taken away, and memberships that were ended. */
export class GuardStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Updates since an instant that left attributes without their values: object id to when. */
  async blanks(spConnection: string, since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query<{ object_id: string; blanked_at: Date }>(
      'select object_id, blanked_at from target_objects where sp_connection = $1 and blanked_at > $2',
      [spConnection, isoOf(since)],
    );
    return new Map(rows.map((row) => [row.object_id, row.blanked_at.getTime()]));
  }

  /** Memberships that were ended since an instant. What is older is forgotten. */
  async membershipEnds(spConnection: string, since: number): Promise<SentMembershipEnd[]> {
    await this.#database.query('delete from membership_removals where sp_connection = $1 and removed_at <= $2', [
      spConnection,
      isoOf(since),
    ]);
    const rows = await this.#database.query<{ group_id: string; member_id: string; removed_at: Date }>(
      'select group_id, member_id, removed_at from membership_removals where sp_connection = $1',
      [spConnection],
    );
    return rows.map((row) => ({ groupId: row.group_id, memberId: row.member_id, at: row.removed_at.getTime() }));
  }

  /** Remembers ends of memberships that are about to be sent. Throws FencedError where the SP connection has another owner. */
  async recordMembershipEnds(fence: Fence, groupId: string, memberIds: readonly string[], at: number): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const owned = await ownedConnections(tx, [fence]);
      if (!owned.has(fence.spConnection)) throw new FencedError('The SP connection has another owner by now.');
      await tx.query(
        `insert into membership_removals (sp_connection, group_id, member_id, removed_at)
         select $1, $2, m, $4 from unnest($3::text[]) as i(m) order by m
         on conflict (sp_connection, group_id, member_id) do update set removed_at = excluded.removed_at`,
        [fence.spConnection, groupId, [...memberIds], isoOf(at)],
      );
    });
  }

  /** Memberships that the target has: of the SP connection, and of one group of it. */
  async memberships(spConnection: string, groupId: string): Promise<{ connection: number; group: number }> {
    const rows = await this.#database.query<{ connection: number; group: number }>(
      `select count(*)::int as connection, count(*) filter (where other_id = $2)::int as "group"
       from edges where sp_connection = $1 and kind = '${MEMBER}' and applied`,
      [spConnection, groupId],
    );
    return rows[0] ?? { connection: 0, group: 0 };
  }
}
