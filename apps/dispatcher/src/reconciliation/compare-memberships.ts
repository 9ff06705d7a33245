import type { Policy } from '@provisor/contracts';
import type { LinkedObject, MembershipFinding, ReconciliationRun, RunSample } from '@provisor/persistence';
import { decideMissingMembers, GroupComparison, type FoundAccount } from '@provisor/provisioning';
import { isSettled, mayWrite, SETTLING_MS } from './compare-page.js';
import type { ReconciliationPort } from './reconciler.js';
import { counted, sampled, SAMPLES_PER_KIND, told } from './run-state.js';

/** In lists of paths. */
export const MEMBERS_PATH = 'members';

export interface GroupsPage {
  readonly run: ReconciliationRun;
  readonly groups: readonly FoundAccount[];
  readonly linked: readonly LinkedObject[];
  readonly policy: Policy;
  /** When the page was asked for. */
  readonly askedAt: number;
  readonly store: Pick<ReconciliationPort, 'memberships' | 'ownersOf'>;
}

interface PageOfMembers {
  readonly run: ReconciliationRun;
  readonly memberships: readonly MembershipFinding[];
}

/** Memberships are read from the database in portions of this size. */
const PORTION = 20_000;

/**
 * Compares the members of one page of groups with the memberships that were written, group by group. Never removes whom nothing here
 * made a member, unless the policy says so.
 */
export async function compareMemberships(page: GroupsPage): Promise<PageOfMembers> {
  const byTarget = new Map(page.linked.map((one) => [one.object.targetId, one]));
  let { run } = page;
  const memberships: MembershipFinding[] = [];
  for (const group of page.groups) {
    const known = byTarget.get(group.targetId);
    const members = shownMembers(group, run);
    if (known === undefined || members === undefined || !isSettled(known, page.askedAt)) continue;
    if (members === 'unread') {
      run = told(
        run,
        `The members of group ${known.object.objectId} are too many for one answer and were not compared.`,
      );
      continue;
    }
    const compared = await compareGroup({ ...page, run }, known, members);
    run = compared.run;
    memberships.push(...compared.memberships);
  }
  return { run, memberships };
}

/** No members may mean that there are none, or that the target shows none: it is believed when it has shown some of any group. */
function shownMembers({ members }: FoundAccount, { shown }: ReconciliationRun): FoundAccount['members'] {
  if (members !== undefined && members.length > 0) return members;
  return shown.group?.includes(MEMBERS_PATH) === true ? [] : undefined;
}

async function compareGroup(page: GroupsPage, group: LinkedObject, members: readonly string[]): Promise<PageOfMembers> {
  const { objectId, targetId, spConnection } = group.object;
  const settledAt = page.askedAt - SETTLING_MS;
  const comparison = await comparedWith(members, group, { store: page.store, settledAt });
  const { missing, found, strangers, asWritten } = comparison;
  const rules = rulesOf(page);
  // What is missing again after it was made again is somebody's wish, or the target's own way.
  const fresh = missing.filter(({ repaired }) => !repaired);
  const decision = decideMissingMembers(fresh.length, asWritten + missing.length, {
    repair: rules.repair,
    budget: page.policy.guard.memberships.perGroup,
    group: objectId,
  });
  const again = decision.kind === 'again' ? fresh.map(({ memberId }) => memberId) : [];
  const asked = rules.remove ? strangers : strangers.slice(0, SAMPLES_PER_KIND);
  const owners = await page.store.ownersOf(spConnection, asked);
  const finding: MembershipFinding = {
    groupId: objectId,
    groupTargetId: targetId ?? '',
    settledAt,
    again,
    found: rules.repair ? found.map(({ memberId }) => memberId) : [],
    remove: rules.remove ? [...owners.values()] : [],
  };
  const run = counted(told(page.run, decision.kind === 'held' ? decision.cause : undefined), {
    members: members.length,
    membersMissing: missing.length,
    membersAgain: again.length,
    membersUnknown: strangers.length,
    membersRemoved: finding.remove.length,
  });
  const changes = finding.again.length + finding.found.length + finding.remove.length > 0;
  return { run: sampled(run, samplesOf(finding, comparison, owners)), memberships: changes ? [finding] : [] };
}

interface MemberRules {
  readonly repair: boolean;
  readonly remove: boolean;
}

function rulesOf({ run, policy }: GroupsPage): MemberRules {
  const repair = run.repair && mayWrite(policy, 'group') && !policy.reconcile.reportOnly.includes(MEMBERS_PATH);
  return { repair, remove: repair && policy.reconcile.unknownMembers === 'remove' };
}

async function comparedWith(
  members: readonly string[],
  { object }: LinkedObject,
  { store, settledAt }: Pick<GroupsPage, 'store'> & { readonly settledAt: number },
): Promise<GroupComparison> {
  const comparison = new GroupComparison(members);
  for (let after = ''; ;) {
    const portion = await store.memberships(object, { after, size: PORTION, settledAt });
    comparison.take(portion);
    const last = portion.at(-1);
    if (last === undefined || portion.length < PORTION) return comparison;
    after = last.memberId;
  }
}

/** `owners`: objects that have the accounts of strangers, by target id. */
function samplesOf(
  { groupId: objectId, groupTargetId: targetId, again, remove }: MembershipFinding,
  { missing, strangers }: GroupComparison,
  owners: ReadonlyMap<string, string>,
): RunSample[] {
  const group = { objectType: 'group' as const, objectId, targetId };
  const [made, removed] = [new Set(again), new Set(remove)];
  return [
    ...missing.slice(0, SAMPLES_PER_KIND).map(({ memberId, targetId: memberTargetId }): RunSample => ({
      ...group,
      kind: 'missing-member',
      memberId,
      memberTargetId,
      repaired: made.has(memberId),
    })),
    ...strangers.slice(0, SAMPLES_PER_KIND).map((memberTargetId): RunSample => {
      const memberId = owners.get(memberTargetId);
      const named = memberId === undefined ? {} : { memberId };
      const repaired = memberId !== undefined && removed.has(memberId);
      return { ...group, kind: 'unknown-member', ...named, memberTargetId, repaired };
    }),
  ];
}
