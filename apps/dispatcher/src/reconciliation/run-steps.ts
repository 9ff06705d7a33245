import type { ObjectType } from '@provisor/contracts';
import type { Clock } from '@provisor/host';
import type { Finding, LinkedObject, ReconciliationRun, TargetObject } from '@provisor/persistence';
import {
  accountHash,
  AccountHashes,
  decideMissing,
  type CallContext,
  type CallOutcome,
  type FoundAccountWithKeys,
} from '@provisor/provisioning';
import { plainAttributes } from '../delivery/opened-attributes.js';
import { mappedPaths, type TargetSession } from '../delivery/target-session.js';
import { compareObject, comparePage, isSettled, type PageResult } from './compare-page.js';
import type { ReconciliationPort } from './reconciler.js';
import { counted, ended, sampled, shownMore } from './run-state.js';

export interface StepDependencies {
  readonly store: ReconciliationPort;
  readonly session: TargetSession;
  readonly clock: Pick<Clock, 'now'>;
  readonly context: CallContext;
}

export interface StepResult extends PageResult {
  readonly hashes?: { readonly objectType: ObjectType; readonly page: number; readonly block: Buffer };
}

/** The target could not be read. */
export class TargetFailed extends Error {
  override readonly name = 'TargetFailed';
  readonly outcome: CallOutcome;

  constructor(outcome: CallOutcome) {
    super(outcome.code);
    this.outcome = outcome;
  }
}

const PAGE = 1_000;
const MOST_UNLINKED = 10_000;
const UNKNOWN = { presence: 'absent', attributes: {} } as const;
const NOTHING = { findings: [], adopt: [] };

/** Does the next step of a run: one object, one page of accounts, or the end of an object type. Throws TargetFailed. */
export async function nextStep(run: ReconciliationRun, deps: StepDependencies): Promise<StepResult> {
  const described = await deps.session.describe(deps.context);
  if (described.kind === 'failed') throw new TargetFailed(described.outcome);
  if (run.objectId !== null) return oneObject(run, run.objectId, deps);
  if (!described.description.list)
    return {
      run: ended(run, 'failed', { now: deps.clock.now(), cause: 'The target cannot list its accounts.' }),
      ...NOTHING,
    };
  return nextPage(run, run.position.objectType ?? 'user', { ...deps, groups: described.description.groups });
}

async function nextPage(
  run: ReconciliationRun,
  objectType: ObjectType,
  deps: StepDependencies & { readonly groups: boolean },
): Promise<StepResult> {
  const { store, session, clock, context } = deps;
  const { cursor, page = 0, listed = 0, total = 0 } = run.position;
  const askedAt = clock.now();
  const paths = mappedPaths(session.connection, objectType);
  const answer = await session.use((connector) =>
    connector.list({ objectType, paths, ...(cursor === undefined ? {} : { cursor }) }, context),
  );
  if (answer.kind === 'failed') throw new TargetFailed(answer.outcome);
  const { accounts } = answer;
  const result = comparePage({
    run: shownMore(
      run,
      objectType,
      accounts.flatMap(({ attributes }) => Object.keys(attributes)),
    ),
    objectType,
    policy: session.policy,
    accounts,
    linked: await store.linkedTo(run.spConnection, objectType, idsOf(accounts)),
    unlinked: await adoptable(run, objectType, deps),
    askedAt,
  });
  const position = {
    objectType,
    page: page + 1,
    listed: listed + accounts.length,
    total: Math.max(total, answer.total ?? 0),
  };
  const block = Buffer.concat(accounts.map(({ targetId }) => accountHash(targetId)));
  if (answer.cursor !== undefined)
    return {
      ...result,
      run: { ...result.run, position: { ...position, cursor: answer.cursor } },
      hashes: { objectType, page, block },
    };
  return endOfType({ ...result, run: { ...result.run, position } }, objectType, { ...deps, block });
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
    objects.flatMap((object) =>
      session.connector
        .matchKeysOf({
          objectType,
          objectId: object.objectId,
          attributes: plainAttributes(object.desired.attributes ?? {}),
        })
        .map((key) => [key, object] as const),
    ),
  );
}

/** Everything of a type was listed: now it can be told what is missing. */
async function endOfType(
  page: PageResult,
  objectType: ObjectType,
  deps: StepDependencies & { readonly groups: boolean; readonly block: Buffer },
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
  const told = cause === undefined ? run : { ...run, cause };
  const next: ReconciliationRun = { ...told, position: { objectType: 'group' } };
  if (objectType === 'user' && deps.groups) return { run: next, findings, adopt: page.adopt };
  return { run: ended(told, complete ? 'done' : 'incomplete', { now }), findings, adopt: page.adopt };
}

interface Lacking {
  readonly objects: readonly LinkedObject[];
  readonly again: boolean;
  readonly cause?: string | undefined;
}
const NONE: Lacking = { objects: [], again: false };

async function missing(
  run: ReconciliationRun,
  objectType: ObjectType,
  { store, session, block }: StepDependencies & { readonly block: Buffer },
): Promise<Lacking> {
  const seen = new AccountHashes([...(await store.hashes(run.id, objectType)), block]);
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
  return { objects, again: decision.kind === 'again', cause: decision.kind === 'held' ? decision.cause : undefined };
}

async function oneObject(run: ReconciliationRun, objectId: string, deps: StepDependencies): Promise<StepResult> {
  const { store, session, clock, context } = deps;
  const askedAt = clock.now();
  const known = await store.object(run.spConnection, objectId);
  const over = (after: ReconciliationRun, cause?: string): ReconciliationRun =>
    ended(after, 'done', { now: clock.now(), ...(cause === undefined ? {} : { cause }) });
  if (known === undefined || known.object.targetId === null)
    return { run: over(run, 'The object has no account that is known.'), ...NOTHING };
  if (!isSettled(known, askedAt))
    return { run: over(counted(run, { inWork: 1 }), 'The object is in work, or was written just now.'), ...NOTHING };
  const { object, appliedAt } = known;
  const { objectType } = object;
  const targetId = known.object.targetId;
  // Asked for by what was written last: that is what the account should carry.
  const request = { objectType, objectId, attributes: plainAttributes(object.desired.attributes ?? {}) };
  const answer = await session.use((connector) => connector.lookup(request, context));
  if (answer.kind === 'failed') throw new TargetFailed(answer.outcome);
  const account = answer.kind === 'found' && answer.account.targetId === targetId ? answer.account : undefined;
  if (account === undefined) {
    const sample = { kind: 'missing', objectType, objectId, targetId, repaired: run.repair } as const;
    const told = sampled(counted(run, { missing: 1, plannedAgain: run.repair ? 1 : 0 }), [sample]);
    // That a look-up does not find it proves nothing: its keys may have changed. Everything is written to the account by its
    // id, and only a target that does not know the id makes the way free for a new one.
    return {
      run: over(told),
      findings: run.repair ? [{ object, appliedAt, seen: null, applied: UNKNOWN }] : [],
      adopt: [],
    };
  }
  const shownBefore = (await store.shownBefore(run.spConnection))[objectType] ?? [];
  const shown = shownMore(run, objectType, [...shownBefore, ...Object.keys(account.attributes)]);
  const compared = compareObject(known, account, { run: shown, objectType, policy: session.policy });
  const told = counted(shown, { accounts: 1, ...(compared === undefined ? { asWritten: 1 } : { drifted: 1 }) });
  if (compared === undefined) return { run: over(told), ...NOTHING };
  const { finding, sample } = compared;
  const after = finding.applied === undefined ? told : counted(told, { repaired: 1 });
  return { run: over(sampled(after, [sample])), findings: [finding], adopt: [] };
}
