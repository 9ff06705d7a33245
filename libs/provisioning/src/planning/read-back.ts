import type { CallOutcome } from '../outcome/outcome.js';
import type { Intent } from './intent.js';

/** How a target shows an account, or a group, when it is read: a group that is there counts as active. */
export type SeenAccount =
  | { readonly kind: 'absent' | 'inactive' | 'active'; readonly httpStatus?: number }
  /** It cannot be read, or does not show whether it is active. */
  | { readonly kind: 'unreadable'; readonly cause: string; readonly httpStatus?: number };

/** Whether a removal that the target accepted can be seen there. */
export interface ReadBack {
  readonly verdict: 'confirmed' | 'contradicted' | 'unreadable';
  readonly found?: 'absent' | 'inactive' | 'active';
  readonly httpStatus?: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What was read after a removal was accepted. An account that is not active any more has been removed, however the target does that. */
export function judgeReadBack(seen: SeenAccount, at: number): ReadBack {
  const status = seen.httpStatus === undefined ? {} : { httpStatus: seen.httpStatus };
  if (seen.kind === 'unreadable') return { verdict: 'unreadable', ...status, at };
  return { verdict: seen.kind === 'active' ? 'contradicted' : 'confirmed', found: seen.kind, ...status, at };
}

/** The outcome of a removal that was accepted and cannot be seen: what was sent may still take effect, and is sent again. */
export function contradicted(intent: Intent): CallOutcome {
  const what = intent.kind === 'remove' && intent.how === 'delete' ? 'deletion' : 'disabling';
  return {
    kind: 'retryable',
    code: 'target.not-removed',
    cause: `The target accepted the ${what} of the account and still shows it as active.`,
    remedy: 'If it goes on, look at the account at the service provider: something may bring it back.',
    ambiguous: true,
  };
}
