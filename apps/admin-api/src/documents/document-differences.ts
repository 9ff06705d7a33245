import { jsonPointer } from '@provisor/host';

export interface Difference {
  /** JSON pointer, for example `/spec/channels/staff/attributes/userName`. */
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type Path = readonly (string | number)[];

/** The smallest places in which two JSON values differ. Lists of named things are compared by name, other lists as a whole. */
export function documentDifferences(before: unknown, after: unknown, path: Path = []): Difference[] {
  if (sameValue(before, after)) return [];
  if (isObject(before) && isObject(after)) return objectDifferences(before, after, path);
  const [namedBefore, namedAfter] = [byName(before), byName(after)];
  if (namedBefore && namedAfter && sameOrder(namedBefore, namedAfter))
    return objectDifferences(namedBefore, namedAfter, path);
  return [
    {
      pointer: jsonPointer(path),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function objectDifferences(before: Record<string, unknown>, after: Record<string, unknown>, path: Path): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => documentDifferences(before[key], after[key], [...path, key]));
}

/** A list of things with different names, by name. */
function byName(value: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.map((item): [string, unknown] | undefined =>
    isObject(item) && typeof item['name'] === 'string' ? [item['name'], item] : undefined,
  );
  if (entries.includes(undefined)) return undefined;
  const named = Object.fromEntries(entries as [string, unknown][]);
  return Object.keys(named).length === entries.length ? named : undefined;
}

/** Things that stay have the same order in both, so that telling each thing's changes tells everything. */
function sameOrder(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const stayed = Object.keys(a).filter((key) => key in b);
  return sameValue(
    stayed,
    Object.keys(b).filter((key) => key in a),
  );
}

/** Equality of JSON values; the order of an object's keys does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  return (
    keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => sameValue(a[key], b[key]))
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
