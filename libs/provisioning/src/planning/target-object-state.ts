import type { DesiredState, ObjectType, Presence, TargetAttributes, Version } from '@provisor/contracts';

/** What the dispatcher knows of one object at one SP connection. */
export interface TargetObjectState {
  readonly objectType: ObjectType;
  readonly objectId: string;
  readonly desired: DesiredState;
  /** Target paths that are sent at create only. */
  readonly createOnly: readonly string[];
  /** Target paths whose values are sealed and never shown. */
  readonly masked: readonly string[];
  /** Version of `desired`. */
  readonly version: Version;
  /** The account at the target; null where none is known. */
  readonly link: TargetLink | null;
  /** What was last written or seen; null where nothing is known. Never holds create-only or generated values. */
  readonly applied: AppliedState | null;
  /** A create was begun and its answer is unknown. */
  readonly createIntended: boolean;
  /** The account was deleted by us. */
  readonly removed: boolean;
  /** Version of the desired state that removed it, where known. */
  readonly removedVersion?: Version;
}

export interface TargetLink {
  readonly targetId: string;
  readonly targetVersion?: string;
}

/** `presence: 'absent'` beside a link means that the account's status is unknown after a lost answer. */
export interface AppliedState {
  readonly presence: Presence;
  readonly attributes: TargetAttributes;
  /** What calls sent whose answers were lost, as far as an account can show it: unknown until it is read or written again. */
  readonly sent?: SentState;
  /** Until when a create that got no answer was known to be under way, in milliseconds since the epoch. */
  readonly underWayUntil?: number;
}

export interface SentState {
  readonly presence?: Presence;
  readonly attributes: TargetAttributes;
}
