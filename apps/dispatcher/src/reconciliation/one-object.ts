import type { ReconciliationRun, TargetObject } from '@provisor/persistence';
import type { FoundAccount } from '@provisor/provisioning';
import { compareFound } from './compare-found.js';
import { isSettled } from './compare-page.js';
import { counted, ended, sampled } from './run-state.js';
import {
  comparesMembers,
  NOTHING,
  requestOf,
  TargetFailed,
  type DescribedDependencies,
  type StepResult,
} from './step.js';

const UNKNOWN = { presence: 'absent', attributes: {} } as const;

/** Compares one object with its account, a group with its members as well; that is a whole run. Throws TargetFailed. */
export async function oneObject(
  run: ReconciliationRun,
  objectId: string,
  deps: DescribedDependencies,
): Promise<StepResult> {
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
  const request = { ...requestOf(object), references: session.references[objectType] };
  const answer = await session.use((connector) => connector.lookup(request, context));
  if (answer.kind === 'failed') throw new TargetFailed(answer.outcome);
  const account = answer.kind === 'found' && answer.account.targetId === targetId ? answer.account : undefined;
  if (account === undefined) {
    const sample = { kind: 'missing', objectType, objectId, targetId, repaired: run.repair } as const;
    const after = sampled(counted(run, { missing: 1, plannedAgain: run.repair ? 1 : 0 }), [sample]);
    // That a look-up does not find it proves nothing: its keys may have changed. Everything is written to the account by its
    // id, and only a target that does not know the id makes the way free for a new one.
    return {
      run: over(after),
      findings: run.repair ? [{ object, appliedAt, seen: null, applied: UNKNOWN }] : [],
      adopt: [],
    };
  }
  const group = comparesMembers(objectType, deps) ? await withMembers(object, targetId, deps) : undefined;
  const { members } = group ?? {};
  const compared = await compareFound(
    {
      run,
      objectType,
      accounts: [{ ...account, ...(members === undefined ? {} : { members }), matchKeys: [] }],
      linked: [known],
      unlinked: new Map(),
      shownBefore: (await store.shownBefore(run.spConnection))[objectType] ?? [],
      members: group !== undefined,
      askedAt,
    },
    deps,
  );
  return { ...compared, run: over(compared.run) };
}

/** No look-up shows members. Undefined where groups cannot be read one by one. */
async function withMembers(
  { objectType, objectId }: TargetObject,
  targetId: string,
  { session, context }: DescribedDependencies,
): Promise<FoundAccount | undefined> {
  const request = { objectType, objectId, targetId, paths: [], references: [], members: true };
  const answer = await session.use(async (connector) => connector.read?.(request, context));
  if (answer?.kind === 'failed') throw new TargetFailed(answer.outcome);
  return answer?.kind === 'found' ? answer.account : undefined;
}
