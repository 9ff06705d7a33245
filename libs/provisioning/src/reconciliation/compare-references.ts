/** A reference as it is known, its other end as the target knows it. */
export interface KnownReference {
  /** Target path. */
  readonly path: string;
  readonly otherId: string;
  /** Null where the other end has no account. */
  readonly targetId: string | null;
  /** Neither desired nor applied: it was cleared. */
  readonly desired: boolean;
  readonly applied: boolean;
  /** What is known was true before the target was asked, and nothing is on its way. */
  readonly settled: boolean;
  /** It was different before, and was sent again. */
  readonly repaired: boolean;
}

/**
 * The references of one account that are not as they were written: they name another account or none, or are there although they were
 * cleared. A path that was never written is not ours, and one of which something is still to be sent is somebody's business already.
 * `shown`: paths that the target has shown of any account.
 */
export function compareReferences(
  known: Iterable<KnownReference>,
  seen: Readonly<Record<string, string>>,
  shown: ReadonlySet<string>,
): KnownReference[] {
  return [...Map.groupBy(known, ({ path }) => path)].flatMap(([path, all]) => {
    if (!shown.has(path) || !all.every(({ settled, desired, applied }) => settled && desired === applied)) return [];
    const expected = all.find(({ desired }) => desired);
    if (expected === undefined) return seen[path] === undefined ? [] : all.slice(0, 1);
    return seen[path] === expected.targetId ? [] : [expected];
  });
}
