import type { Presence, TargetAttributes, TargetValue } from '@provisor/contracts';
import { diffAttributes, isGenerated } from '../planning/attribute-difference.js';
import type { AppliedState } from '../planning/target-object-state.js';

/** What we believe about an account, and what was found different before. */
export interface ExpectedAccount {
  readonly applied: AppliedState;
  readonly createOnly: readonly string[];
  readonly masked: readonly string[];
  /** What differed the last time; null where nothing did, or it was not repaired since. */
  readonly repairedFrom: AppliedState | null;
}

export interface ComparisonRules {
  readonly repair: boolean;
  /** Target paths that are reported and never repaired. */
  readonly reportOnly: readonly string[];
  /** Paths that the target has shown of any account: of the others an absent value says nothing. */
  readonly shown: ReadonlySet<string>;
  /** Only users can be disabled. */
  readonly hasStatus: boolean;
}

/** `active` in lists of paths. */
export const STATUS_PATH = 'active';

export interface Comparison {
  /** Paths that differ. */
  readonly drifted: readonly string[];
  /** Those of them that are to be written again. */
  readonly repairs: readonly string[];
  /** What was seen where it differs: the values of drifted paths, without those that have none. */
  readonly seen: AppliedState;
  /** What stands at the target as far as repairs go: planning from here writes exactly them. */
  readonly applied: AppliedState;
}

/**
 * Compares an account with what was last written. Undefined where it is as written. Create-only, masked and generated values
 * are never compared. A value that comes back as it was after a repair is the target's own way of writing it: repairing it
 * again would never end, so it is reported only.
 */
export function compareAccount(
  expected: ExpectedAccount,
  account: { readonly active: boolean; readonly attributes: TargetAttributes },
  rules: ComparisonRules,
): Comparison | undefined {
  const paths = driftedPaths(expected, account.attributes, rules.shown);
  const presence: Presence = account.active ? 'active' : 'disabled';
  const status = rules.hasStatus && expected.applied.presence !== 'absent' && expected.applied.presence !== presence;
  if (paths.length === 0 && !status) return undefined;
  const drifted = [...paths, ...(status ? [STATUS_PATH] : [])];
  const repairs = drifted.filter((path) => mayRepair(path, expected.repairedFrom, { ...account, presence }, rules));
  const seenPresence = status ? presence : expected.applied.presence;
  return {
    drifted,
    repairs,
    seen: { presence: seenPresence, attributes: overlay({}, account.attributes, paths) },
    applied: {
      presence: repairs.includes(STATUS_PATH) ? presence : expected.applied.presence,
      attributes: overlay(expected.applied.attributes, account.attributes, repairs),
    },
  };
}

function driftedPaths(
  { applied, createOnly, masked }: ExpectedAccount,
  seen: TargetAttributes,
  shown: ReadonlySet<string>,
): string[] {
  const ignored = new Set([...createOnly, ...masked]);
  // Only what we have written is ours: whatever else the account has is not looked at.
  const written = Object.fromEntries(
    Object.entries(applied.attributes).filter(
      ([path, value]) => !ignored.has(path) && !isGenerated(value) && !isSealed(value) && shown.has(path),
    ),
  );
  const relevant = Object.fromEntries(Object.entries(seen).filter(([path]) => Object.hasOwn(written, path)));
  const { set } = diffAttributes(relevant, written);
  return Object.keys(set).sort();
}

function mayRepair(
  path: string,
  before: AppliedState | null,
  account: { readonly presence: Presence; readonly attributes: TargetAttributes },
  { repair, reportOnly }: ComparisonRules,
): boolean {
  if (!repair || reportOnly.includes(path)) return false;
  if (before === null) return true;
  // Somebody may disable an account again; no target writes its status differently.
  if (path === STATUS_PATH) return true;
  const again = account.attributes[path];
  const earlier = before.attributes[path];
  return again === undefined || earlier === undefined || !sameIn(earlier, again);
}

const sameIn = (a: TargetValue, b: TargetValue): boolean =>
  Object.keys(diffAttributes({ v: a }, { v: b }).set).length === 0;
const isSealed = (value: TargetValue): boolean => typeof value === 'object' && 'sealed' in value;

/** `base` with the values of `from` at some paths; a path without a value there has none in the end either. */
function overlay(base: TargetAttributes, from: TargetAttributes, paths: readonly string[]): TargetAttributes {
  const taken = new Set(paths);
  return Object.fromEntries([
    ...Object.entries(base).filter(([path]) => !taken.has(path)),
    ...Object.entries(from).filter(([path]) => taken.has(path)),
  ]);
}
