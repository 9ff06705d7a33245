import type { OutgoingRecordLike, SettledEdge, WaitingEdge } from '@provisor/persistence';
import { fingerprint, sendMemberships, type EdgeAttemptParts, type EdgeEnding } from './edge-attempt.js';
import { guardMemberships, type MemberGuardParts, type SplitMemberships } from './member-guard.js';
import { resultBase, resultId, resultRecord } from './result-record.js';

const CODE = 'guard.memberships';
const NOTHING_SENT: EdgeEnding = { edges: [], records: [], operation: 'remove-members' };

/** Sends one chunk of memberships of a group, as far as the guard lets it; the rest waits for a person. */
export async function sendGuardedMemberships(
  parts: EdgeAttemptParts,
  edges: readonly WaitingEdge[],
  guard: Omit<MemberGuardParts, 'groupId' | 'now'>,
): Promise<EdgeEnding> {
  const split = await guardMemberships(edges, {
    ...guard,
    groupId: parts.owner.objectId,
    now: parts.clock.now(),
  });
  const sent = split.send.length === 0 ? NOTHING_SENT : await sendMemberships(parts, split.send);
  if (split.held.length === 0) return sent;
  return {
    ...sent,
    edges: [...sent.edges, ...split.held.map((edge) => heldEdge(edge, split.cause))],
    records: [...sent.records, heldRecord(parts, split)],
  };
}

const heldEdge = ({ memberId, kind, otherId, desired }: WaitingEdge, cause: string): SettledEdge => ({
  memberId,
  kind,
  otherId,
  desired,
  hold: { code: CODE, cause },
});

function heldRecord({ owner, clock, trace }: EdgeAttemptParts, { held, cause }: SplitMemberships): OutgoingRecordLike {
  const ids = held.map((edge) => edge.memberId);
  return resultRecord(
    {
      ...resultBase(owner),
      id: resultId(owner, `remove-members:held:${fingerprint(held, owner.targetId)}`),
      operation: 'remove-members',
      outcome: 'held',
      terminal: false,
      code: CODE,
      cause,
      members: { count: ids.length, objectIds: ids.slice(0, 100) },
      ...(owner.targetId === null ? {} : { targetId: owner.targetId.slice(0, 1_000) }),
      attempt: 0,
      finishedAt: new Date(clock.now()).toISOString(),
      traceId: trace.traceId,
    },
    trace.traceparent,
  );
}
