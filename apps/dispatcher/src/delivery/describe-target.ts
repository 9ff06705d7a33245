import type { CallOutcome } from '@provisor/provisioning';
import { ScopeWaits } from '../engine/token-bucket.js';
import type { AttemptResult } from './attempt-ending.js';
import { DesiredAnew, OwnershipLost, type CallSite } from './call-site.js';
import type { TargetSession } from './target-session.js';

/** True when it is known what the target can do; otherwise why it is not. */
export async function describeTarget(
  session: TargetSession,
  site: CallSite,
): Promise<true | Exclude<AttemptResult, { kind: 'ended' }> | { kind: 'failed'; outcome: CallOutcome }> {
  try {
    const described = await site.call((_, context) => session.describe(context));
    return described.kind === 'failed' ? described : true;
  } catch (error) {
    if (error instanceof ScopeWaits) return { kind: 'waits', until: error.until };
    if (error instanceof DesiredAnew) return { kind: 'anew' };
    if (error instanceof OwnershipLost) return { kind: 'lost' };
    const cause = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', outcome: { kind: 'retryable', code: 'connector.error', cause } };
  }
}
