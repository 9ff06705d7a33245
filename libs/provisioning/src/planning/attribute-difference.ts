import type { TargetAttributes, TargetValue } from '@provisor/contracts';
import { canonicalJson } from '../evaluation/canonical-json.js';

/** A minimal difference between two sets of attributes: paths to write and paths that lose their value. */
export interface AttributeDifference {
  readonly set: TargetAttributes;
  readonly clear: readonly string[];
}

/**
 * What stands in applied attributes for a path whose value at the target is unknown after a lost answer. It equals no desired
 * value, so that the path is written or cleared again.
 */
export const UNKNOWN_VALUE: TargetValue = { 'provisor:unknown': true };

/** The difference that leads from `from` to `to`, paths in `ignore` left out. */
export function diffAttributes(
  from: TargetAttributes,
  to: TargetAttributes,
  ignore: ReadonlySet<string> = new Set(),
): AttributeDifference {
  const set: Record<string, TargetValue> = {};
  for (const [path, value] of Object.entries(to)) {
    if (ignore.has(path) || isGenerated(value)) continue;
    const present = valueAt(from, path);
    if (present === undefined || !sameValue(present, value)) set[path] = value;
  }
  const clear = Object.keys(from).filter((path) => !ignore.has(path) && valueAt(to, path) === undefined);
  return { set, clear: clear.sort() };
}

/** The attributes after a difference was written. */
export function applyDifference(attributes: TargetAttributes, difference: AttributeDifference): TargetAttributes {
  const cleared = new Set(difference.clear);
  return Object.fromEntries([
    ...Object.entries(attributes).filter(([path]) => !cleared.has(path)),
    ...Object.entries(difference.set),
  ]);
}

/** Whether two values are the same at the target: lists are compared as sets, sealed values by digest. */
export function sameValue(a: TargetValue, b: TargetValue): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (isSealed(a) && isSealed(b)) return a.digest === b.digest;
  return comparable(a) === comparable(b);
}

/** Whether the dispatcher makes the value at create: such a value is never compared. */
export function isGenerated(value: TargetValue): boolean {
  return typeof value === 'object' && 'generate' in value && typeof value.generate === 'object';
}

/** Whether a target can show the value so that it can be compared: neither sealed nor generated. */
export const isShowable = (value: TargetValue): boolean =>
  !isGenerated(value) && !(typeof value === 'object' && isSealed(value));

/** Whether a value stands for one that is unknown after a lost answer. */
export const isUnknown = (value: TargetValue | undefined): boolean =>
  value !== undefined && sameValue(value, UNKNOWN_VALUE);

const isSealed = (value: object): value is { sealed: string; digest: string } =>
  'sealed' in value && 'digest' in value && typeof value.digest === 'string';

const comparable = (value: TargetValue): string =>
  Array.isArray(value) ? `[${[...new Set(value.map(canonicalJson))].sort().join()}]` : canonicalJson(value);

const valueAt = (attributes: TargetAttributes, path: string): TargetValue | undefined =>
  Object.hasOwn(attributes, path) ? attributes[path] : undefined;
