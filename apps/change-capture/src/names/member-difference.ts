export interface MemberDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What has to be added to and removed from `before` so that it becomes `after`. Duplicates count once. */
export function memberDifference(before: Iterable<string>, after: Iterable<string>): MemberDifference {
  const old = new Set(before);
  const now = new Set(after);
  return { added: [...now].filter((key) => !old.has(key)), removed: [...old].filter((key) => !now.has(key)) };
}
