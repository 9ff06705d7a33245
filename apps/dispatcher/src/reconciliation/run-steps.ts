import type { ObjectType } from '@provisor/contracts';
import type { Finding, LinkedObject, ListedPage, ReconciliationRun, TargetObject } from '@provisor/persistence';
import {
  accountHash,
  AccountHashes,
  decideMissing,
  type FoundAccountWithKeys,
  type LookupRequest,
} from '@provisor/provisioning';
import { mappedPaths } from '../delivery/target-session.js';
import { compareFound } from './compare-found.js';
import { MEMBERS_PATH } from './compare-memberships.js';
import { isSettled } from './compare-page.js';
import { oneObject } from './one-object.js';
import type { ReconciliationPort } from './reconciler.js';
import { begunAnew, counted, ended, sampled, told } from './run-state.js';
import {
  comparesMembers,
  NOTHING,
  requestOf,
  TargetFailed,
  type DescribedDependencies,
  type StepDependencies,
  type StepResult,
} from './step.js';

const PAGE = 1_000;
const MOST_UNLINKED = 10_000;

/** Does the next step of a run: one object, one page of accounts, or the end of an object type. Throws TargetFailed. */
export async function nextStep(run: ReconciliationRun, deps: StepDependencies): Promise<StepResult> {
  const described = await deps.session.describe(deps.context);
  if (described.kind === 'failed') throw new TargetFailed(described.outcome);
  const { description } = described;
  if (run.objectId !== null) return oneObject(run, run.objectId, { ...deps, description });
  if (!description.list)
    return {
      run: ended(run, 'failed', { now: deps.clock.now(), cause: 'The target cannot list its accounts.' }),
      ...NOTHING,
    };
  return nextPage(run, run.position.objectType ?? 'user', { ...deps, description });
}

async function nextPage(
  run: ReconciliationRun,
  objectType: ObjectType,
  deps: DescribedDependencies,
): Promise<StepResult> {
  const { store, session, clock, context } = deps;
  const { cursor, page = 0, listed = 0, total = 0 } = run.position;
  const askedAt = clock.now();
  const paths = mappedPaths(session.connection, objectType);
  const references = session.references[objectType];
  const members = comparesMembers(objectType, deps);
  const answer = await session.use((connector) =>
    connector.list({ objectType, paths, references, members, ...(cursor === undefined ? {} : { cursor }) }, context),
  );
  if (answer.kind === 'failed') throw new TargetFailed(answer.outcome);
  if (answer.kind === 'expired') {
    const cause = `The target gave up its list of ${objectType}s before the end (${answer.outcome.cause ?? answer.outcome.code}).`;
    return { run: begunAnew(run, { now: clock.now(), cause }), ...NOTHING };
  }
  const { accounts } = answer;
  const linked = await store.linkedTo(run.spConnection, objectType, idsOf(accounts));
  const result = await compareFound(
    {
      run,
      objectType,
      accounts,
      linked,
      unlinked: await adoptable(run, objectType, deps),
      shownBefore: members && page === 0 ? await membersShownBefore(run, store) : [],
      members,
      askedAt,
    },
    deps,
  );
  const position = {
    objectType,
    page: page + 1,
    listed: listed + accounts.length,
    total: Math.max(total, answer.total ?? 0),
  };
  const listedPage: ListedPage = { objectType, page, ...remembered(accounts, linked) };
  if (answer.cursor !== undefined)
    return { ...result, run: { ...result.run, position: { ...position, cursor: answer.cursor } }, page: listedPage };
  return endOfType({ ...result, run: { ...result.run, position } }, objectType, { ...deps, last: listedPage });
}

/** Whether the target shows members at all is not found out anew each time. */
async function membersShownBefore({ spConnection }: ReconciliationRun, store: ReconciliationPort): Promise<string[]> {
  const { group = [] } = await store.shownBefore(spConnection);
  return group.filter((path) => path === MEMBERS_PATH);
}

/** Who belongs to nobody may stand in the way of whoever is created again. */
function remembered(
  accounts: readonly FoundAccountWithKeys[],
  linked: readonly LinkedObject[],
): Pick<ListedPage, 'ids' | 'keys'> {
  const ours = new Set(linked.map(({ object }) => object.targetId));
  const strangers = accounts.filter(({ targetId }) => !ours.has(targetId));
  return {
    ids: Buffer.concat(accounts.map(({ targetId }) => accountHash(targetId))),
    keys: Buffer.concat(strangers.flatMap(({ matchKeys }) => matchKeys.map(accountHash))),
  };
}

const idsOf = (accounts: readonly FoundAccountWithKeys[]): string[] => accounts.map(({ targetId }) => targetId);

/** Objects that are given up without an account, by the keys under which a listing would show one. */
async function adoptable(
  run: ReconciliationRun,
  objectType: ObjectType,
  { store, session }: StepDependencies,
): Promise<ReadonlyMap<string, TargetObject>> {
  if (session.policy.reconcile.unknown !== 'adopt') return new Map();
  const objects = await store.unlinked(run.spConnection, objectType, MOST_UNLINKED);
  return new Map(
    objects.flatMap((object) => session.connector.matchKeysOf(requestOf(object)).map((key) => [key, object] as const)),
  );
}

/** Everything of a type was listed: now it can be told what is missing. */
async function endOfType(
  page: StepResult,
  objectType: ObjectType,
  deps: DescribedDependencies & { readonly last: ListedPage },
): Promise<StepResult> {
  const { listed = 0, total = 0 } = page.run.position;
  const now = deps.clock.now();
  // Half of a list proves no absence, and neither does one that is shorter than the target says.
  const complete = listed >= total;
  const lacking = complete ? await missing(page.run, objectType, deps) : NONE;
  const run = sampled(
    counted(page.run, { missing: lacking.objects.length, plannedAgain: lacking.again ? lacking.objects.length : 0 }),
    lacking.objects.map(({ object }) => ({
      kind: 'missing',
      objectType,
      objectId: object.objectId,
      ...(object.targetId === null ? {} : { targetId: object.targetId }),
      repaired: lacking.again,
    })),
  );
  const findings: Finding[] = [
    ...page.findings,
    ...(lacking.again
      ? lacking.objects.map(({ object, appliedAt }) => ({ object, appliedAt, seen: null, applied: null }))
      : []),
  ];
  const cause = complete
    ? lacking.cause
    : `The target told of ${total} ${objectType}s and showed ${listed}; what is missing cannot be told.`;
  const after = told(run, cause);
  const result = { ...page, findings, absent: { objectType, requests: lacking.absent } };
  if (objectType === 'user' && deps.description.groups && (await hasGroups(run.spConnection, deps)))
    return { ...result, run: { ...after, position: { objectType: 'group' } } };
  return { ...result, run: ended(after, complete ? 'done' : 'incomplete', { now }) };
}

/** Nobody asks for the groups of a target where none are ours. */
async function hasGroups(spConnection: string, { store, session }: StepDependencies): Promise<boolean> {
  if (session.connection.spec.channels.some(({ groups }) => groups !== undefined)) return true;
  return (await store.linkedPage(spConnection, 'group', '', 1)).length > 0;
}

interface Lacking {
  readonly objects: readonly LinkedObject[];
  readonly again: boolean;
  /** Those of them that can be created without being looked for once more. */
  readonly absent: readonly LookupRequest[];
  readonly cause?: string | undefined;
}
const NONE: Lacking = { objects: [], again: false, absent: [] };

async function missing(
  run: ReconciliationRun,
  objectType: ObjectType,
  { store, session, description, last: lastPage }: DescribedDependencies & { readonly last: ListedPage },
): Promise<Lacking> {
  const pages = [...(await store.listed(run.id, objectType)), lastPage];
  const seen = new AccountHashes(pages.map(({ ids }) => ids));
  const startedAt = run.startedAt?.getTime() ?? 0;
  const objects: LinkedObject[] = [];
  let population = 0;
  let after = '';
  for (;;) {
    const linked = await store.linkedPage(run.spConnection, objectType, after, PAGE);
    for (const one of linked) {
      population += 1;
      // What was written since the run began may have come after its page.
      if (isSettled(one, startedAt) && !seen.has(one.object.targetId ?? '')) objects.push(one);
    }
    const last = linked.at(-1);
    if (last === undefined || linked.length < PAGE) break;
    after = last.object.objectId;
  }
  const decision = decideMissing(objects.length, population, {
    repair: run.repair,
    budget: session.policy.guard.removals,
  });
  if (decision.kind !== 'again')
    return { objects, again: false, absent: [], cause: decision.kind === 'held' ? decision.cause : undefined };
  // Elsewhere a second account would come into being if the list had left one out.
  if (description.refusesTwins?.includes(objectType) !== true) return { objects, again: true, absent: [] };
  const strangers = new AccountHashes(pages.map(({ keys }) => keys));
  const absent = objects
    .map(({ object }) => requestOf(object))
    .filter((request) => !session.connector.matchKeysOf(request).some((key) => strangers.has(key)));
  return { objects, again: true, absent };
}
