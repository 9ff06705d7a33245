/** How many removals a data store may report before a person has to look. Both bounds have to be exceeded. */
export interface HealthBounds {
  readonly maxMissing: number;
  readonly maxMissingPercent: number;
}

/** Removals of this long, in milliseconds, count together. */
const REMOVAL_WINDOW_MS = 600_000;

/** Since when removals count together with those of `now`, in milliseconds since 1970. */
export const removalWindow = (now: number): Date => new Date(now - REMOVAL_WINDOW_MS);

export interface TypeCount {
  readonly users: number;
  readonly groups: number;
}

export interface ComparisonCounts {
  /** Present objects before the read. */
  readonly known: TypeCount;
  /** Objects that the read brought. */
  readonly read: TypeCount;
  /** Known objects that it did not bring. */
  readonly missing: TypeCount;
  /** Objects that are still there after the read, the missing ones included. */
  readonly present: TypeCount;
  /** Objects that were removed in the window before: a mass that was held after so many of it is still the same mass. */
  readonly recent: number;
}

/** `trusted`: removals may go ahead. `suspect`: nobody is removed; `words` says why, for people. */
export type Verdict = { readonly kind: 'trusted' } | { readonly kind: 'suspect'; readonly words: string };

/** Whether what a full read did not bring may count as removed. */
export function judgeComparison(counts: ComparisonCounts, bounds: HealthBounds): Verdict {
  const { known, read, missing, present, recent } = counts;
  if (read.users + read.groups === 0 && known.users + known.groups > 0)
    return suspect(`the full read brought nothing, but ${objects(known)} are known`);
  if (read.users === 0 && known.users > 0)
    return suspect(`the full read brought no users, but ${known.users} are known`);
  if (read.groups === 0 && known.groups > 0)
    return suspect(`the full read brought no groups, but ${known.groups} are known`);
  const gone = missing.users + missing.groups;
  const of = present.users + present.groups;
  if (gone === 0 || !exceeds(gone + recent, of + recent, bounds)) return { kind: 'trusted' };
  const before = recent === 0 ? '' : ` after ${recent} that were deleted in a short time`;
  return suspect(
    `the full read missed ${gone} of ${of} known objects (${missing.users} users, ${missing.groups} groups)${before}, ` +
      `more than ${bounds.maxMissing} and ${bounds.maxMissingPercent} %`,
  );
}

/**
 * Whether deletions that the feed reports may go ahead. `asked` counts those that are confirmed and those known to follow, `recent` the
 * deletions of the window before, `present` the objects that are still there, those about to be deleted included.
 */
export function judgeDeletions(
  counts: { readonly asked: number; readonly recent: number; readonly present: number },
  bounds: HealthBounds,
): Verdict {
  const { asked, recent, present } = counts;
  if (asked === 0 || !exceeds(asked + recent, present + recent, bounds)) return { kind: 'trusted' };
  return suspect(
    `the feed reported ${asked + recent} deletions of ${present + recent} objects in a short time, ` +
      `more than ${bounds.maxMissing} and ${bounds.maxMissingPercent} %`,
  );
}

const exceeds = (gone: number, of: number, bounds: HealthBounds): boolean =>
  gone > bounds.maxMissing && gone * 100 > of * bounds.maxMissingPercent;

const suspect = (words: string): Verdict => ({ kind: 'suspect', words });
const objects = ({ users, groups }: TypeCount): string => `${users} users and ${groups} groups`;
