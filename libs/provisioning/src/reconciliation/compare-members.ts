/** A membership as it is known, its member as the target knows it. */
export interface KnownMembership {
  readonly memberId: string;
  readonly targetId: string;
  readonly desired: boolean;
  readonly applied: boolean;
  /** What is known was true before the target was asked, and nothing is on its way. */
  readonly settled: boolean;
  /** It was missing before, and was made again. */
  readonly repaired: boolean;
}

/**
 * Compares the members that a target shows of one group with the memberships that are known, which come in any number of portions. Only
 * what was written counts as missing; whoever is shown and not known stays as a stranger.
 */
export class GroupComparison {
  readonly #shown: Set<string>;
  readonly #missing: KnownMembership[] = [];
  readonly #found: KnownMembership[] = [];
  #asWritten = 0;
  #inWork = 0;

  constructor(shown: Iterable<string>) {
    this.#shown = new Set(shown);
  }

  take(memberships: Iterable<KnownMembership>): void {
    for (const membership of memberships) this.#take(membership, this.#shown.delete(membership.targetId));
  }

  #take(membership: KnownMembership, there: boolean): void {
    // What is to end, or is held, is somebody's business already.
    if (!membership.settled || !membership.desired) this.#inWork += 1;
    else if (membership.applied && there) this.#asWritten += 1;
    else if (membership.applied) this.#missing.push(membership);
    else if (there) this.#found.push(membership);
    else this.#inWork += 1;
  }

  /** Written, and not there. */
  get missing(): readonly KnownMembership[] {
    return this.#missing;
  }

  /** Desired and not written, and there all the same. */
  get found(): readonly KnownMembership[] {
    return this.#found;
  }

  /** Target ids of whoever is there, as far as no membership is known. */
  get strangers(): readonly string[] {
    return [...this.#shown];
  }

  get asWritten(): number {
    return this.#asWritten;
  }

  get inWork(): number {
    return this.#inWork;
  }
}
