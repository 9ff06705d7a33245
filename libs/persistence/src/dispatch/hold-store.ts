import type { HoldKind, ObjectType, Version } from '@provisor/contracts';
import type { Database } from '../database/database.js';
import { EDGE_HOLDS, OBJECT_HOLDS, selectionParameters, type HoldSelection } from './hold-selection.js';

/** A change that a guard has stopped and nobody has decided yet. */
export interface OpenHold {
  readonly kind: HoldKind;
  readonly objectId: string;
  readonly objectType: ObjectType;
  readonly label: string | null;
  readonly channel: string;
  /** The group whose membership would end; null for a hold of an account or group itself. */
  readonly groupId: string | null;
  readonly groupLabel: string | null;
  readonly cause: string;
  readonly since: Date;
  readonly version: Version;
  readonly reason: string;
  readonly occurredAt: Date;
}

/** Where a page of holds ended. */
export interface HoldsEnd {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly objectId: string;
  readonly groupId: string;
}

export interface HoldsPage {
  /** Open holds that fit, by kind; those of every page. */
  readonly counts: Readonly<Record<HoldKind, number>>;
  readonly oldest: Date | null;
  /** The longest held first. */
  readonly holds: readonly OpenHold[];
  /** Absent at the end. */
  readonly end?: HoldsEnd;
}

interface HoldRow extends Omit<OpenHold, 'version'> {
  readonly sequence: string;
  readonly config: string;
}

const HELD = `with held as (
  select h.how as kind, t.object_id, t.object_type, t.label, t.channel, null::text as group_id, null::text as group_label,
    h.cause, h.held_at, t.version_sequence, t.version_config, t.reason, t.occurred_at
  from holds h
  join target_objects t on t.sp_connection = h.sp_connection and t.object_id = h.object_id and t.state = 'held'
    and (t.version_sequence, t.version_config) = (h.version_sequence, h.version_config)
  where ${OBJECT_HOLDS}
  union all
  select 'remove-member', e.member_id, m.object_type, m.label, m.channel, e.other_id, g.label,
    e.cause, e.held_at, m.version_sequence, m.version_config, m.reason, m.occurred_at
  from edges e
  join target_objects m on m.sp_connection = e.sp_connection and m.object_id = e.member_id
  left join target_objects g on g.sp_connection = e.sp_connection and g.object_id = e.other_id
  where ${EDGE_HOLDS})`;

/** Read side: what the guards of an SP connection have stopped. */
export class HoldStore {
  readonly #database: Database;
  readonly #targetType: string;

  constructor(database: Database, targetType: string) {
    this.#database = database;
    this.#targetType = targetType;
  }

  /** Undefined where no SP connection of this target type has the name. */
  async list(
    spConnection: string,
    selection: HoldSelection,
    page: { readonly limit: number; readonly after?: HoldsEnd },
  ): Promise<HoldsPage | undefined> {
    const known = await this.#database.query(
      'select 1 from sp_connections where sp_connection = $1 and target_type = $2',
      [spConnection, this.#targetType],
    );
    if (known.length === 0) return undefined;
    const parameters = selectionParameters(spConnection, selection);
    const counted = await this.#database.query<{ kind: HoldKind; n: number; oldest: Date }>(
      `${HELD} select kind, count(*)::int as n, min(held_at) as oldest from held group by kind`,
      [...parameters],
    );
    const holds = await this.#page(parameters, page);
    const last = holds.at(-1);
    return {
      counts: { delete: 0, disable: 0, blank: 0, 'remove-member': 0, ...countsOf(counted) },
      oldest: counted.map(({ oldest }) => oldest).sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
      holds,
      ...(holds.length < page.limit || last === undefined
        ? {}
        : { end: { since: last.since.getTime(), objectId: last.objectId, groupId: last.groupId ?? '' } }),
    };
  }

  async #page(
    parameters: readonly unknown[],
    { limit, after }: { readonly limit: number; readonly after?: HoldsEnd },
  ): Promise<OpenHold[]> {
    const rows = await this.#database.query<HoldRow>(
      `${HELD} select kind, object_id as "objectId", object_type as "objectType", label, channel, group_id as "groupId",
         group_label as "groupLabel", cause, held_at as since, version_sequence as sequence, version_config as config,
         reason, occurred_at as "occurredAt"
       from held
       where $5::timestamptz is null or (held_at, object_id, coalesce(group_id, '')) > ($5::timestamptz, $6::text, $7::text)
       order by held_at, object_id, coalesce(group_id, '') limit $8`,
      [
        ...parameters,
        after === undefined ? null : new Date(after.since),
        after?.objectId ?? '',
        after?.groupId ?? '',
        limit,
      ],
    );
    return rows.map(({ sequence, config, ...hold }) => ({
      ...hold,
      version: { sequence: Number(sequence), config: Number(config) },
    }));
  }
}

const countsOf = (rows: readonly { kind: HoldKind; n: number }[]): Partial<Record<HoldKind, number>> =>
  Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
