import type { CallOutcome } from '@provisor/provisioning';

/**
 * Until when a whole limit scope waits after an answer: exactly as long as the target said, otherwise until `unsaid`. Undefined where
 * the answer throttles nothing.
 */
export function throttledUntil(
  outcome: { readonly kind: string } | CallOutcome,
  o: { readonly now: number; readonly unsaid: number },
): number | undefined {
  if (outcome.kind !== 'retryable' || !('throttled' in outcome) || outcome.throttled !== true) return undefined;
  return outcome.retryAfterMs === undefined ? o.unsaid : o.now + outcome.retryAfterMs;
}
