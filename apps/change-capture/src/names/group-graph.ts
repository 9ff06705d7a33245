/** A group that names another group as its member. */
export interface Nesting {
  readonly groupId: string;
  readonly memberId: string;
}

/** Which groups are in which groups. Cycles are allowed. Grows with the number of nestings, not with that of members. */
export class GroupGraph {
  private readonly parents = new Map<string, Set<string>>();
  private readonly children = new Map<string, Set<string>>();

  constructor(nestings: Iterable<Nesting> = []) {
    for (const nesting of nestings) this.add(nesting);
  }

  /** Takes all nestings of these groups, as group or as member, out and puts the given ones in. */
  replace(groupIds: Iterable<string>, nestings: Iterable<Nesting>): void {
    for (const id of groupIds) {
      for (const parent of this.parents.get(id) ?? []) this.children.get(parent)?.delete(id);
      for (const child of this.children.get(id) ?? []) this.parents.get(child)?.delete(id);
      this.parents.delete(id);
      this.children.delete(id);
    }
    for (const nesting of nestings) this.add(nesting);
  }

  /** These groups and every group that they are in, directly or not, in the order of ids. */
  withAncestors(groupIds: readonly string[]): string[] {
    return closure(groupIds, this.parents).sort();
  }

  /** These groups and every group in them, directly or not. */
  withDescendants(groupIds: readonly string[]): string[] {
    return closure(groupIds, this.children);
  }

  /** Is the group in any other, or any other in it? */
  isNested(groupId: string): boolean {
    return (this.parents.get(groupId)?.size ?? 0) + (this.children.get(groupId)?.size ?? 0) > 0;
  }

  private add({ groupId, memberId }: Nesting): void {
    entry(this.parents, memberId).add(groupId);
    entry(this.children, groupId).add(memberId);
  }
}

function closure(from: readonly string[], next: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reached = new Set(from);
  // A set visits what is added to it while it is walked.
  for (const id of reached) for (const further of next.get(id) ?? []) reached.add(further);
  return [...reached];
}

function entry(map: Map<string, Set<string>>, key: string): Set<string> {
  const found = map.get(key) ?? new Set<string>();
  map.set(key, found);
  return found;
}
