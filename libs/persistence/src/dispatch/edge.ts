import type { Lane, ObjectType } from '@provisor/contracts';
import type { OutgoingRecordLike } from '../outbox/outbox.js';
import type { Fence } from './ownership-store.js';
import type { ObjectKey } from './target-object.js';

/** The kind of an edge that is a membership; any other kind is the target path of a reference. */
export const MEMBER = 'member';

/** Code of what differs from what is desired because a person wants it so. */
export const REJECTED_CODE = 'guard.rejected';

/** For an edge that waits for a person or a new desired state. */
export const NEVER = Date.parse('9999-12-31T00:00:00Z');

/** Edges that can be sent now: those of one group, or the references of one object. */
export interface EdgeWork extends ObjectKey {
  readonly members: boolean;
  readonly edges: number;
  /** The most urgent lane among the objects whose edges they are. */
  readonly lane: Lane;
}

/** One membership or reference that differs from what is desired, with both ends as the target knows them. */
export interface WaitingEdge {
  readonly spConnection: string;
  readonly memberId: string;
  readonly kind: string;
  readonly otherId: string;
  readonly desired: boolean;
  readonly attempt: number;
  readonly firstAttemptAt: number | null;
  readonly memberTargetId: string;
  readonly memberType: ObjectType;
  /** `<sequence>.<config>` of the object that carries the edge. */
  readonly memberVersion: string;
  /** Null where the other end has no account any more. */
  readonly otherTargetId: string | null;
  /** The member's account is taken away as a whole: its memberships go with it and count for no budget. */
  readonly exempt?: boolean;
  /** A person has approved its end. */
  readonly released?: boolean;
  /** It was sent before, and the answer was lost. */
  readonly unsure?: boolean;
  readonly traceparent: string | null;
}

/** Target ids of both ends as they were sent: an edge to an account that has been replaced since does not count. */
export interface EdgeEnds {
  readonly member?: string;
  readonly other?: string | null;
}

/** What became of an edge that was sent. */
export interface SettledEdge {
  readonly memberId: string;
  readonly kind: string;
  readonly otherId: string;
  /** What was sent. */
  readonly desired: boolean;
  /** The accounts that were named in it, where it was added. */
  readonly ends?: EdgeEnds;
  /** Absent where the target has it now as it was sent. */
  readonly failure?: {
    readonly attempt: number;
    readonly firstAttemptAt: number;
    readonly nextAttemptAt: number;
    readonly code: string;
    readonly cause?: string;
    /** It may have reached the target all the same, now or before. */
    readonly unsure?: boolean;
  };
  /** A guard stopped it: it was not sent and waits for a person. */
  readonly hold?: { readonly code: string; readonly cause: string };
}

/** One edge of an SP connection, and what was sent for it. */
export interface EdgeAt {
  readonly spConnection: string;
  readonly memberId: string;
  readonly kind: string;
  readonly otherId: string;
  readonly desired: boolean;
  readonly ends?: EdgeEnds;
}

/** What a call for the edges of one group or object came to, with its results. */
export interface EdgeSettlement {
  readonly fence: Fence;
  readonly edges: readonly SettledEdge[];
  readonly records: readonly OutgoingRecordLike[];
}
/** `fenced`: the SP connection has another owner, and nothing was written. */
export type EdgeVerdict = 'written' | 'fenced';

/** References of an account as its target showed them: target ids by path. */
export interface ShownReferences extends ObjectKey {
  readonly shown: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A reference of an object to one that has an account. */
export interface LinkedReference {
  /** Target path. */
  readonly kind: string;
  readonly otherId: string;
  readonly targetId: string;
}
