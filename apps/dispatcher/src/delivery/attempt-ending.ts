import type { Operation } from '@provisor/contracts';
import type { LinkedReference } from '@provisor/persistence';
import type { CallOutcome, ReadBack, TargetObjectState } from '@provisor/provisioning';

/** What one attempt for the state of an object came to. */
export interface AttemptEnding {
  readonly state: TargetObjectState;
  readonly operation: Operation;
  /** Target paths that were written or cleared. */
  readonly changed: readonly string[];
  /** References that the account was created with. */
  readonly references: readonly LinkedReference[];
  /** What the last call came to, or what was decided without one. */
  readonly outcome: CallOutcome | Decision;
  /** The last answer of the target, for the breaker; absent where nothing was asked. */
  readonly answer?: CallOutcome;
  /** An account was created: its id must not belong to another object. */
  readonly created: boolean;
  /** What the target showed after it had accepted a removal. */
  readonly readBack?: ReadBack;
  /** The account that was linked is not at the target any more. */
  readonly gone: boolean;
}
export type Decision =
  | { readonly kind: 'unchanged' | 'skipped'; readonly code: string; readonly cause?: string }
  | { readonly kind: 'held'; readonly code: string; readonly cause: string; readonly how: string };

export type AttemptResult =
  | { readonly kind: 'ended'; readonly ending: AttemptEnding }
  /** A newer desired state came before a call was made. */
  | { readonly kind: 'anew' }
  | { readonly kind: 'waits'; readonly until: number }
  | { readonly kind: 'lost' };

/** Two objects may never share an account. */
export function linkedElsewhere(targetId: string, objectId: string, otherObjectId: string): CallOutcome {
  return {
    kind: 'rejected',
    code: 'match.linked-elsewhere',
    ownerId: otherObjectId,
    cause: `Account ${targetId} matches object ${objectId}, but is linked to object ${otherObjectId}.`,
    remedy: 'Give the two objects different values for the attribute that accounts are matched by.',
  };
}
