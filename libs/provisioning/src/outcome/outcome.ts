import type { OutcomeKind } from '@provisor/contracts';

/** What every outcome carries so that a person can understand it. */
interface Explained {
  /** Stable code, dotted, for example `scim.uniqueness` or `http.timeout`. */
  readonly code: string;
  /** What happened, in words; no secret and no masked value in it. */
  readonly cause?: string;
  /** What a person can do about it. */
  readonly remedy?: string;
  readonly httpStatus?: number;
}

/** The target is as desired: by a write of ours, or because it was so already. */
export interface Applied extends Explained {
  readonly kind: 'applied' | 'unchanged';
  /** The target's own id of the account or group; absent after a removal. */
  readonly targetId?: string;
  /** Version of the resource at the target (ETag, meta.version), where it has one. */
  readonly targetVersion?: string;
}
/** Passing trouble: tried again, exactly `retryAfterMs` later where the target said so. */
export interface Retryable extends Explained {
  readonly kind: 'retryable';
  readonly retryAfterMs?: number;
  /** The whole limit scope has to wait, not just this object (throttling). */
  readonly throttled?: boolean;
  /** The request may have taken effect: look the account up before creating anything. */
  readonly ambiguous?: boolean;
  /** Trouble of the service provider as a whole rather than of this object: counts for the breaker. */
  readonly systemic?: boolean;
}
/** This object cannot be written as it is desired. */
export interface Rejected extends Explained {
  readonly kind: 'rejected';
  /** Another object whose account stands in the way. It may make way. */
  readonly ownerId?: string;
}
/** The SP connection as a whole cannot be used. */
export interface Halted extends Explained {
  readonly kind: 'halted';
}
/** The linked account is gone at the target; the dispatcher drops the link and plans again. */
export interface Vanished extends Explained {
  readonly kind: 'vanished';
}

/** What one target call came to, as the connector classifies it. Expected trouble is a value, never an exception. */
export type CallOutcome = Applied | Retryable | Rejected | Halted | Vanished;

/** Compile-time proof that the taxonomy of results covers what calls can come to. */
export type CallOutcomeKind = Exclude<CallOutcome['kind'], 'vanished'> & OutcomeKind;
