import { LANES, type DesiredState, type Lane, type ObjectType, type Version } from '@provisor/contracts';
import type { AppliedState } from '@provisor/provisioning';

/** Where a target object stands. A create whose answer is unknown is `pending` with `createIntended`. */
export type TargetObjectPhase = 'pending' | 'done' | 'failed' | 'held' | 'skipped';

/** What the last attempt or decision came to, kept so that the state explains itself. */
export interface LastOutcome {
  readonly kind: string;
  readonly code: string;
  readonly cause?: string;
  readonly remedy?: string;
  readonly httpStatus?: number;
  /** Trouble of the service provider as a whole: the object is tried again as soon as that is over. */
  readonly systemic?: boolean;
  /** The object whose account stood in the way. */
  readonly ownerId?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type { AppliedState };

/** The dispatcher's row for one object at one SP connection. Instants are milliseconds since the epoch. */
export interface TargetObject {
  readonly spConnection: string;
  readonly objectId: string;
  readonly dataStore: string;
  readonly objectType: ObjectType;
  readonly channel: string;
  readonly label: string | null;
  readonly lane: Lane;
  readonly version: Version;
  /** Memberships and references are not in here: they are edges. */
  readonly desired: DesiredState;
  readonly createOnly: readonly string[];
  readonly masked: readonly string[];
  readonly reason: string;
  readonly traceparent: string | null;
  readonly state: TargetObjectPhase;
  /** A create was recorded as begun, and its answer is not known. */
  readonly createIntended: boolean;
  /** A person has approved this removal; the guard lets it pass. */
  readonly holdReleased: boolean;
  readonly applied: AppliedState | null;
  readonly targetId: string | null;
  readonly targetVersion: string | null;
  /** The version whose desired state made us delete the account; null where it was not deleted. */
  readonly removedVersion: Version | null;
  /** Attempts made for this version. */
  readonly attempt: number;
  /** Failed attempts in a row since the version came or a person asked to try again. */
  readonly failures: number;
  readonly firstAttemptAt: number | null;
  readonly nextAttemptAt: number;
  readonly lastOutcome: LastOutcome | null;
  readonly occurredAt: number;
  readonly mappedAt: number;
}

/** Names one target object. */
export interface ObjectKey {
  readonly spConnection: string;
  readonly objectId: string;
}

/** A row of target_objects as `TARGET_OBJECT_COLUMNS` reads it. */
export interface TargetObjectRow {
  sp_connection: string;
  object_id: string;
  data_store: string;
  object_type: ObjectType;
  channel: string;
  label: string | null;
  lane: number;
  version_sequence: string;
  version_config: string;
  source_offset: string;
  desired: DesiredState;
  create_only: string[];
  masked: string[];
  reason: string;
  traceparent: string | null;
  state: TargetObjectPhase;
  create_intended: boolean;
  hold_released: boolean;
  applied: AppliedState | null;
  target_id: string | null;
  target_version: string | null;
  removed_version: Version | null;
  attempt: number;
  failures: number;
  first_attempt_at: Date | null;
  next_attempt_at: Date;
  last_outcome: LastOutcome | null;
  occurred_at: Date;
  mapped_at: Date;
}

export const TARGET_OBJECT_COLUMNS = [
  ...['sp_connection', 'object_id', 'data_store', 'object_type', 'channel', 'label', 'lane', 'version_sequence'],
  ...['version_config', 'source_offset', 'desired', 'create_only', 'masked', 'reason', 'traceparent', 'state'],
  ...[
    'create_intended',
    'hold_released',
    'applied',
    'target_id',
    'target_version',
    'removed_version',
    'attempt',
    'failures',
  ],
  ...['first_attempt_at', 'next_attempt_at', 'last_outcome', 'occurred_at', 'mapped_at'],
]
  .map((column) => `t.${column}`)
  .join(', ');

export function toTargetObject(row: TargetObjectRow): TargetObject {
  return {
    spConnection: row.sp_connection,
    objectId: row.object_id,
    dataStore: row.data_store,
    objectType: row.object_type,
    channel: row.channel,
    label: row.label,
    lane: laneAt(row.lane),
    version: { sequence: Number(row.version_sequence), config: Number(row.version_config) },
    desired: row.desired,
    createOnly: row.create_only,
    masked: row.masked,
    reason: row.reason,
    traceparent: row.traceparent,
    state: row.state,
    createIntended: row.create_intended,
    holdReleased: row.hold_released,
    applied: row.applied,
    targetId: row.target_id,
    targetVersion: row.target_version,
    removedVersion: row.removed_version,
    attempt: row.attempt,
    failures: row.failures,
    firstAttemptAt: row.first_attempt_at?.getTime() ?? null,
    nextAttemptAt: row.next_attempt_at.getTime(),
    lastOutcome: row.last_outcome,
    occurredAt: row.occurred_at.getTime(),
    mappedAt: row.mapped_at.getTime(),
  };
}

/** Lanes are stored as their place in the order in which they are served. */
export const laneIndex = (lane: Lane): number => LANES.indexOf(lane);
export const laneAt = (index: number): Lane => LANES[index] ?? 'bulk';

/** One string for one target object, for maps in memory. */
export const keyOf = (key: ObjectKey): string => `${key.spConnection}\n${key.objectId}`;

export const isoOf = (at: number): string => new Date(at).toISOString();
