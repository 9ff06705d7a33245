import type { ObjectType, Policy } from '@provisor/contracts';
import type {
  Finding,
  LinkedObject,
  ReconciliationRun,
  ReferenceFinding,
  RunSample,
  TargetObject,
} from '@provisor/persistence';
import {
  compareAccount,
  compareReferences,
  type ComparisonRules,
  type FoundAccount,
  type FoundAccountWithKeys,
  type KnownReference,
} from '@provisor/provisioning';
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
  /** References of the linked objects by object id. */
  readonly references: ReadonlyMap<string, readonly KnownReference[]>;
  /** When the page was asked for. */
  readonly askedAt: number;
}

export interface PageResult {
  readonly run: ReconciliationRun;
  readonly findings: readonly Finding[];
  readonly adopt: readonly TargetObject[];
  readonly references?: readonly ReferenceFinding[];
}

/** Compares one page of accounts with what was written. Pure. */
export function comparePage(facts: PageFacts): PageResult {
  const { objectType, accounts, linked, unlinked } = facts;
  const byTarget = new Map(linked.map((one) => [one.object.targetId, one]));
  const counts: Partial<Record<CountName, number>> = { accounts: accounts.length };
  const count = (name: CountName): void => void (counts[name] = (counts[name] ?? 0) + 1);
  const findings: Finding[] = [];
  const references: ReferenceFinding[] = [];
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
        if (compared.sample.repaired === true) count('repaired');
        findings.push(...compared.findings);
        references.push(...compared.references);
        samples.push(compared.sample);
      }
    }
  }
  return { run: sampled(counted(facts.run, counts), samples), findings, adopt, references };
}

/** Whether what is known of an object was true already when the target was asked. */
export const isSettled = ({ object, appliedAt }: LinkedObject, askedAt: number): boolean =>
  object.state === 'done' &&
  !object.createIntended &&
  object.applied !== null &&
  appliedAt !== null &&
  appliedAt < askedAt - SETTLING_MS;

interface ObjectComparison {
  readonly findings: readonly Finding[];
  /** Those of the references that are sent again. */
  readonly references: readonly ReferenceFinding[];
  readonly sample: RunSample;
}

/** Undefined where the account is as written. */
function compareObject(known: LinkedObject, account: FoundAccount, facts: PageFacts): ObjectComparison | undefined {
  const { object } = known;
  const { run, objectType, policy, askedAt } = facts;
  const rules = {
    repair: run.repair && mayWrite(policy, objectType),
    reportOnly: policy.reconcile.reportOnly,
    shown: new Set(run.shown[objectType] ?? []),
    hasStatus: objectType === 'user',
  };
  const attributes = compareAttributes(known, account, rules);
  const differing = differingReferences(object, account, { ...facts, shown: rules.shown });
  if (attributes === undefined && differing.length === 0) return undefined;
  // What differs again after it was sent again is somebody's wish, or the target's own way.
  const again = differing.filter(({ path, repaired }) => rules.repair && !repaired && !rules.reportOnly.includes(path));
  return {
    findings: attributes === undefined ? [] : [attributes.finding],
    references: again.map(({ path, otherId }) => ({
      memberId: object.objectId,
      memberTargetId: account.targetId,
      kind: path,
      otherId,
      occupied: account.references?.[path] !== undefined,
      settledAt: askedAt - SETTLING_MS,
    })),
    sample: {
      kind: 'drifted',
      objectType,
      objectId: object.objectId,
      targetId: account.targetId,
      paths: [...(attributes?.drifted ?? []), ...differing.map(({ path }) => path)],
      repaired: attributes?.finding.applied !== undefined || again.length > 0,
    },
  };
}

function compareAttributes(
  { object, appliedAt, repairedFrom }: LinkedObject,
  account: FoundAccount,
  rules: ComparisonRules,
): { readonly finding: Finding; readonly drifted: readonly string[] } | undefined {
  if (object.applied === null) return undefined;
  const { applied, createOnly, masked } = object;
  const found = compareAccount({ applied, createOnly, masked, repairedFrom }, account, rules);
  if (found === undefined) return undefined;
  const finding = {
    object,
    appliedAt,
    seen: found.seen,
    ...(found.repairs.length > 0 ? { applied: found.applied } : {}),
    ...(account.targetVersion === undefined ? {} : { targetVersion: account.targetVersion }),
  };
  return { finding, drifted: found.drifted };
}

/** An account that is to be away is sent no references. */
const differingReferences = (
  { objectId, desired }: TargetObject,
  { references = {} }: FoundAccount,
  { references: known, shown }: Pick<PageFacts, 'references'> & Pick<ComparisonRules, 'shown'>,
): KnownReference[] =>
  desired.presence === 'absent' ? [] : compareReferences(known.get(objectId) ?? [], references, shown);

/** A policy that links accounts without touching them wants them as they are. */
export function mayWrite(policy: Policy, objectType: ObjectType): boolean {
  const rules = objectType === 'user' ? policy.users : policy.groups;
  return rules.update && rules.match !== 'link-only';
}
