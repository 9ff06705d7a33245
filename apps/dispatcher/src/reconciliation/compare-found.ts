import type { ObjectType } from '@provisor/contracts';
import type { LinkedObject, MembershipFinding, ReconciliationRun, TargetObject } from '@provisor/persistence';
import type { FoundAccount, FoundAccountWithKeys } from '@provisor/provisioning';
import { compareMemberships, MEMBERS_PATH } from './compare-memberships.js';
import { comparePage, SETTLING_MS, type PageResult } from './compare-page.js';
import { shownMore } from './run-state.js';
import type { StepDependencies } from './step.js';

/** Accounts of one type that the target has shown: a page of its list, or one that was asked for. */
export interface FoundAccounts {
  readonly run: ReconciliationRun;
  readonly objectType: ObjectType;
  readonly accounts: readonly FoundAccountWithKeys[];
  /** Objects that are linked to these accounts. */
  readonly linked: readonly LinkedObject[];
  /** Objects without account by match key. */
  readonly unlinked: ReadonlyMap<string, TargetObject>;
  /** Paths that the target is known to show. */
  readonly shownBefore: readonly string[];
  /** The members of the groups were asked for. */
  readonly members: boolean;
  /** When the target was asked. */
  readonly askedAt: number;
}

export interface Compared extends PageResult {
  readonly memberships?: readonly MembershipFinding[];
}

/** Compares accounts with their references, and groups with their members, with everything that was written. */
export async function compareFound(
  { shownBefore, members, ...found }: FoundAccounts,
  { store, session }: Pick<StepDependencies, 'store' | 'session'>,
): Promise<Compared> {
  const { objectType, accounts, linked, askedAt } = found;
  const { policy } = session;
  const paths = session.references[objectType];
  const shown = accounts.flatMap((account) => shownPaths(account, paths));
  const run = shownMore(found.run, objectType, [...shownBefore, ...shown]);
  const objectIds = linked.map(({ object }) => object.objectId);
  const settledAt = askedAt - SETTLING_MS;
  const references = await store.references(run.spConnection, { objectIds, paths, settledAt });
  const compared = comparePage({ ...found, run, policy, references });
  if (!members) return compared;
  const groups = await compareMemberships({ run: compared.run, groups: accounts, linked, policy, askedAt, store });
  return { ...compared, ...groups };
}

/** That there is something at the path of a reference is not to show whom it names. */
const shownPaths = (
  { attributes, references, members = [] }: FoundAccount,
  ofReferences: readonly string[],
): string[] => [
  ...Object.keys(attributes).filter((path) => !ofReferences.includes(path)),
  ...Object.keys(references ?? {}),
  ...(members.length > 0 ? [MEMBERS_PATH] : []),
];
