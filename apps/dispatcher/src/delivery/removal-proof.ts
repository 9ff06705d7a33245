import type { Policy } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { TargetObject } from '@provisor/persistence';
import {
  contradicted,
  isRemoval,
  judgeReadBack,
  type CallOutcome,
  type Intent,
  type ReadBack,
  type RemoveRequest,
} from '@provisor/provisioning';
import type { CallSite } from './call-site.js';

export interface ProofFacts {
  readonly row: Pick<TargetObject, 'lane'>;
  readonly policy: Pick<Policy, 'readBack'>;
  readonly site: CallSite;
  readonly clock: Pick<Clock, 'now'>;
}

export interface Proven {
  readonly outcome: CallOutcome;
  /** Absent where nothing was asked. */
  readonly readBack?: ReadBack;
}

/** Of whoever leaves it is not enough that the target says yes: it is asked what it has. */
export async function proven(
  intent: Intent,
  target: RemoveRequest,
  outcome: CallOutcome,
  { row, policy, site, clock }: ProofFacts,
): Promise<Proven> {
  const accepted = outcome.kind === 'applied' || outcome.kind === 'unchanged';
  if (!accepted || !isRemoval(intent) || policy.readBack === 'never' || row.lane !== 'leaver') return { outcome };
  try {
    const seen = await site.call(async (connector, context) => connector.readBack?.(target, context));
    if (seen === undefined) return { outcome };
    const readBack = judgeReadBack(seen, clock.now());
    return { outcome: readBack.verdict === 'contradicted' ? contradicted(intent) : outcome, readBack };
  } catch {
    // The removal was accepted, whatever keeps the target from being asked now.
    return { outcome, readBack: { verdict: 'unreadable', at: clock.now() } };
  }
}
