import type { Policy } from '@provisor/contracts';
import type { Fence, WaitingEdge } from '@provisor/persistence';
import type { MembershipBudgets, MembershipPopulations } from '@provisor/provisioning';
import type { GuardPort } from '../engine/dispatch-stores.js';
import type { GuardWindows } from '../engine/guard-windows.js';

export interface MemberGuardParts {
  readonly fence: Fence;
  readonly groupId: string;
  readonly guard: Policy['guard'];
  readonly windows: GuardWindows;
  /** Where what is sent is remembered; without it a restart begins with empty windows. */
  readonly store: GuardPort | undefined;
  readonly now: number;
}

export interface SplitMemberships {
  readonly send: readonly WaitingEdge[];
  readonly held: readonly WaitingEdge[];
  /** Why some are held; empty where none are. */
  readonly cause: string;
}

/**
 * Holds ends of memberships beyond the budgets of the SP connection and of the group. Whoever is removed as a whole was counted
 * as that; additions take nothing away. What is counted is remembered before it is sent.
 */
export async function guardMemberships(
  edges: readonly WaitingEdge[],
  { fence, groupId, guard, windows, store, now }: MemberGuardParts,
): Promise<SplitMemberships> {
  const ends = edges
    .filter((edge) => !edge.desired && edge.exempt !== true)
    .map((edge) => ({ memberId: edge.memberId, released: edge.released === true, edge }));
  if (ends.length === 0) return { send: edges, held: [], cause: '' };
  const { perGroup, ...connection } = guard.memberships;
  const budgets: MembershipBudgets = { connection, group: perGroup };
  const populations = windows.memberships.sharesMatter(groupId, ends.length, budgets, now)
    ? await populationsOf(fence.spConnection, groupId, store)
    : NOBODY;
  const { allowed, held } = windows.memberships.take(groupId, ends, { budgets, populations, now });
  if (allowed.length > 0)
    await store?.recordMembershipEnds(
      fence,
      groupId,
      allowed.map(({ memberId }) => memberId),
      now,
    );
  const stopped = new Set(held.map(({ edge }) => edge));
  return {
    send: edges.filter((edge) => !stopped.has(edge)),
    held: [...stopped],
    cause: stopped.size === 0 ? '' : windows.memberships.explain(groupId, budgets, { populations, now }),
  };
}

const NOBODY: MembershipPopulations = { connection: 0, group: 0 };

const populationsOf = async (
  spConnection: string,
  groupId: string,
  store: GuardPort | undefined,
): Promise<MembershipPopulations> => (store === undefined ? NOBODY : store.memberships(spConnection, groupId));
