import type { ObjectType } from '@provisor/contracts';
import type { MembershipFinding } from './compared-memberships.js';
import type { ReferenceFinding } from './compared-references.js';
import type { AppliedState, TargetObject } from './target-object.js';

/** How far a run is. */
export interface RunPosition {
  readonly objectType?: ObjectType;
  /** Of the connector's next page; absent before the first one. */
  readonly cursor?: string;
  /** Pages of this object type that are done. */
  readonly page?: number;
  /** Accounts that these have shown. */
  readonly listed?: number;
  /** Largest total that the target has told. */
  readonly total?: number;
}

export interface RunSample {
  readonly kind: 'drifted' | 'missing' | 'unknown' | 'adopted' | 'missing-member' | 'unknown-member';
  readonly objectType: ObjectType;
  readonly objectId?: string;
  readonly targetId?: string;
  readonly paths?: readonly string[];
  /** Of a membership: object and account of the member; `objectId` and `targetId` are those of the group. */
  readonly memberId?: string;
  readonly memberTargetId?: string;
  readonly repaired?: boolean;
}

export type RunCounts = Readonly<Record<string, number>>;

/** One comparison of an SP connection, or of one of its objects, with what the target has. */
export interface ReconciliationRun {
  readonly id: string;
  readonly spConnection: string;
  readonly objectId: string | null;
  readonly scheduled: boolean;
  readonly repair: boolean;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly state: 'waiting' | 'running' | 'done' | 'incomplete' | 'failed';
  readonly cause: string | null;
  readonly position: RunPosition;
  readonly counts: RunCounts;
  readonly samples: readonly RunSample[];
  /** Paths that the target has shown of any account, by object type. */
  readonly shown: Readonly<Partial<Record<ObjectType, readonly string[]>>>;
  readonly requests: number;
}

/** A linked object and what was found different before. */
export interface LinkedObject {
  readonly object: TargetObject;
  readonly appliedAt: number | null;
  readonly repairedFrom: AppliedState | null;
}

/** What a comparison of one object leads to. */
export interface Finding {
  readonly object: TargetObject;
  /** As read with the object: where the object was written since, nothing is changed. */
  readonly appliedAt: number | null;
  readonly seen: AppliedState | null;
  /** What stands at the target as far as it is to be repaired; null where the account is not there. Absent: nothing is changed. */
  readonly applied?: AppliedState | null;
  /** Version of the account as it was read. */
  readonly targetVersion?: string;
}

export interface RunStep {
  readonly run: ReconciliationRun;
  readonly findings: readonly Finding[];
  /** Objects without account that may have got one. */
  readonly adopt: readonly TargetObject[];
  readonly page?: ListedPage;
  readonly memberships?: readonly MembershipFinding[];
  readonly references?: readonly ReferenceFinding[];
}

/** What is remembered of a page until the end of the list has come. */
export interface ListedPage {
  readonly objectType: ObjectType;
  readonly page: number;
  /** Hashes of the accounts' ids. */
  readonly ids: Buffer;
  /** Hashes of the match keys of those accounts that belong to no object. */
  readonly keys: Buffer;
}
