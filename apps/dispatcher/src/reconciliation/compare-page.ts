import type { ObjectType, Policy } from '@provisor/contracts';
import type { Finding, LinkedObject, ReconciliationRun, RunSample, TargetObject } from '@provisor/persistence';
import { compareAccount, type FoundAccount, type FoundAccountWithKeys } from '@provisor/provisioning';
import { counted, sampled, type CountName } from './run-state.js';

/** What was written so shortly before it was read may not be shown yet, or have been written after. */
export const SETTLING_MS = 2_000;

export interface PageFacts {
  readonly run: ReconciliationRun;
  readonly objectType: ObjectType;
  readonly policy: Policy;
  readonly accounts: readonly FoundAccountWithKeys[];
  /** Objects that are linked to these accounts. */
  readonly linked: readonly LinkedObject[];
  /** Objects without account by match key. */
  readonly unlinked: ReadonlyMap<string, TargetObject>;
  /** When the page was asked for. */
  readonly askedAt: number;
}

export interface PageResult {
  readonly run: ReconciliationRun;
  readonly findings: readonly Finding[];
  readonly adopt: readonly TargetObject[];
}

/** Compares one page of accounts with what was written. Pure. */
export function comparePage(facts: PageFacts): PageResult {
  const { objectType, accounts, linked, unlinked } = facts;
  const byTarget = new Map(linked.map((one) => [one.object.targetId, one]));
  const counts: Partial<Record<CountName, number>> = { accounts: accounts.length };
  const count = (name: CountName): void => void (counts[name] = (counts[name] ?? 0) + 1);
  const findings: Finding[] = [];
  const adopt: TargetObject[] = [];
  const samples: RunSample[] = [];
  for (const account of accounts) {
    const known = byTarget.get(account.targetId);
    if (known === undefined) {
      const object = account.matchKeys.map((key) => unlinked.get(key)).find((one) => one !== undefined);
      if (object !== undefined) adopt.push(object);
      count(object === undefined ? 'unknown' : 'adopted');
      samples.push({
        kind: object === undefined ? 'unknown' : 'adopted',
        objectType,
        targetId: account.targetId,
        ...(object === undefined ? {} : { objectId: object.objectId }),
      });
    } else if (!isSettled(known, facts.askedAt)) count('inWork');
    else {
      const compared = compareObject(known, account, facts);
      if (compared === undefined) count('asWritten');
      else {
        count('drifted');
        if (compared.finding.applied !== undefined) count('repaired');
        findings.push(compared.finding);
        samples.push(compared.sample);
      }
    }
  }
  return { run: sampled(counted(facts.run, counts), samples), findings, adopt };
}

/** Whether what is known of an object was true already when the target was asked. */
export const isSettled = ({ object, appliedAt }: LinkedObject, askedAt: number): boolean =>
  object.state === 'done' &&
  !object.createIntended &&
  object.applied !== null &&
  appliedAt !== null &&
  appliedAt < askedAt - SETTLING_MS;

/** Undefined where the account is as written. */
function compareObject(
  known: LinkedObject,
  account: FoundAccount,
  { run, objectType, policy }: Pick<PageFacts, 'run' | 'objectType' | 'policy'>,
): { finding: Finding; sample: RunSample } | undefined {
  const { object, appliedAt, repairedFrom } = known;
  if (object.applied === null) return undefined;
  const found = compareAccount(
    { applied: object.applied, createOnly: object.createOnly, masked: object.masked, repairedFrom },
    account,
    {
      repair: run.repair && mayWrite(policy, objectType),
      reportOnly: policy.reconcile.reportOnly,
      shown: new Set(run.shown[objectType] ?? []),
      hasStatus: objectType === 'user',
    },
  );
  if (found === undefined) return undefined;
  const repairs = found.repairs.length > 0;
  return {
    finding: {
      object,
      appliedAt,
      seen: found.seen,
      ...(repairs ? { applied: found.applied } : {}),
      ...(account.targetVersion === undefined ? {} : { targetVersion: account.targetVersion }),
    },
    sample: {
      kind: 'drifted',
      objectType,
      objectId: object.objectId,
      targetId: account.targetId,
      paths: found.drifted,
      repaired: repairs,
    },
  };
}

/** A policy that links accounts without touching them wants them as they are. */
export function mayWrite(policy: Policy, objectType: ObjectType): boolean {
  const rules = objectType === 'user' ? policy.users : policy.groups;
  return rules.update && rules.match !== 'link-only';
}
