import type { Transaction } from '../database/database.js';
import type { OutgoingRecordLike } from '../outbox/outbox.js';
import { NEVER, REJECTED_CODE } from './edge.js';
import { EDGE_HOLDS, OBJECT_HOLDS, selectionParameters, type HoldSelection } from './hold-selection.js';
import {
  isoOf,
  TARGET_OBJECT_COLUMNS,
  toTargetObject,
  type TargetObject,
  type TargetObjectRow,
} from './target-object.js';

/** What a person decided about holds of one SP connection. */
export interface HoldDecision {
  readonly spConnection: string;
  readonly selection: HoldSelection;
  readonly decidedBy: string;
}

/** Makes the results of holds that a person rejected. */
export interface RejectionRecords {
  /** Of an account or group that stays as it is. */
  object(object: TargetObject): OutgoingRecordLike;
  /** Of members that stay in a group. */
  members(group: TargetObject, memberIds: readonly string[]): OutgoingRecordLike;
}

/** Lets holds go on. Answers how many. */
export async function approveHolds(tx: Transaction, decision: HoldDecision): Promise<number> {
  const parameters = selectionParameters(decision.spConnection, decision.selection);
  const objects = await tx.query<{ n: number }>(
    `with decided as (
       update holds h set decision = 'approved', decided_at = now(), decided_by = $5 where ${OBJECT_HOLDS}
       returning h.object_id, h.version_sequence, h.version_config),
     released as (
       update target_objects t set state = 'pending', hold_released = true, next_attempt_at = now()
       from decided d
       where t.sp_connection = $1 and t.object_id = d.object_id and t.state = 'held'
         and (t.version_sequence, t.version_config) = (d.version_sequence, d.version_config)
       returning 1)
     select count(*)::int as n from released`,
    [...parameters, decision.decidedBy],
  );
  const edges = await tx.query<{ n: number }>(
    `with released as (
       update edges e set held_at = null, hold_released = true, code = null, cause = null, next_attempt_at = now()
       where ${EDGE_HOLDS} returning 1)
     select count(*)::int as n from released`,
    [...parameters],
  );
  return (objects[0]?.n ?? 0) + (edges[0]?.n ?? 0);
}

/** Ends holds without carrying out what they stopped. Answers how many, and the results of it. */
export async function rejectHolds(
  tx: Transaction,
  decision: HoldDecision,
  records: RejectionRecords,
): Promise<{ readonly count: number; readonly records: readonly OutgoingRecordLike[] }> {
  const parameters = selectionParameters(decision.spConnection, decision.selection);
  const objects = await tx.query<TargetObjectRow>(
    `with decided as (
       update holds h set decision = 'rejected', decided_at = now(), decided_by = $5 where ${OBJECT_HOLDS}
       returning h.object_id, h.version_sequence, h.version_config)
     update target_objects t set state = 'skipped', attempt = attempt + 1,
       last_outcome = jsonb_build_object('kind', 'skipped', 'code', '${REJECTED_CODE}', 'cause', $6::text, 'at', extract(epoch from now()) * 1000)
     from decided d
     where t.sp_connection = $1 and t.object_id = d.object_id and t.state = 'held'
       and (t.version_sequence, t.version_config) = (d.version_sequence, d.version_config)
     returning ${TARGET_OBJECT_COLUMNS}`,
    [...parameters, decision.decidedBy, `${decision.decidedBy} rejected what the guard had stopped.`],
  );
  const edges = await tx.query<{ member_id: string; other_id: string }>(
    `update edges e set held_at = null, hold_released = false, code = '${REJECTED_CODE}',
       cause = 'A person rejected the end of this membership.', next_attempt_at = $5
     where ${EDGE_HOLDS} returning e.member_id, e.other_id`,
    [...parameters, isoOf(NEVER)],
  );
  const groups = await groupsOf(tx, decision.spConnection, edges);
  return {
    count: objects.length + edges.length,
    records: [
      ...objects.map((row) => records.object(toTargetObject(row))),
      ...groups.map(({ group, memberIds }) => records.members(group, memberIds)),
    ],
  };
}

async function groupsOf(
  tx: Transaction,
  spConnection: string,
  edges: readonly { member_id: string; other_id: string }[],
): Promise<{ group: TargetObject; memberIds: string[] }[]> {
  if (edges.length === 0) return [];
  const byGroup = Map.groupBy(edges, (edge) => edge.other_id);
  const rows = await tx.query<TargetObjectRow>(
    `select ${TARGET_OBJECT_COLUMNS} from target_objects t where t.sp_connection = $1 and t.object_id = any($2::text[])`,
    [spConnection, [...byGroup.keys()]],
  );
  return rows.map(toTargetObject).map((group) => ({
    group,
    memberIds: (byGroup.get(group.objectId) ?? []).map((edge) => edge.member_id).sort(),
  }));
}
