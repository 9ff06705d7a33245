import type { ChangeBudget, Policy } from '@provisor/contracts';
import { ChangeWindow, MembershipGuard } from '@provisor/provisioning';

/** What the database remembers of changes that were sent, for the windows of the guards. Times are milliseconds since the epoch. */
export interface SentChanges {
  /** Object id to when its account was disabled or deleted. */
  readonly removals: ReadonlyMap<string, number>;
  /** Object id to when it lost values. */
  readonly blanks: ReadonlyMap<string, number>;
  readonly memberships: readonly { readonly groupId: string; readonly memberId: string; readonly at: number }[];
  /** Linked accounts and groups. */
  readonly population: number;
}

const WHAT = { removals: 'accounts were disabled or deleted', blanks: 'accounts lost values' } as const;

/**
 * Changes of one SP connection in the sliding windows of its guards. They are filled from the database at the start, so that a
 * restart forgets none of them.
 */
export class GuardWindows {
  readonly memberships: MembershipGuard;
  readonly #windows: Readonly<Record<keyof typeof WHAT, ChangeWindow>>;
  #population: number;

  constructor(sent: SentChanges) {
    this.memberships = new MembershipGuard(sent.memberships);
    this.#windows = { removals: new ChangeWindow(sent.removals), blanks: new ChangeWindow(sent.blanks) };
    this.#population = sent.population;
  }

  linked(): void {
    this.#population += 1;
  }

  unlinked(): void {
    this.#population = Math.max(0, this.#population - 1);
  }

  allows(kind: keyof typeof WHAT, objectId: string, budget: ChangeBudget, now: number): boolean {
    return this.#windows[kind].allows(objectId, budget, { population: this.#population, now });
  }

  count(kind: keyof typeof WHAT, objectId: string, now: number): void {
    this.#windows[kind].count(objectId, now);
  }

  /** In words, for the person who has to decide. */
  explain(kind: keyof typeof WHAT, budget: ChangeBudget, now: number): string {
    return (
      `${this.#windows[kind].size(budget, now)} ${WHAT[kind]} within ${budget.window}; one more would exceed both ` +
      `${budget.max} and ${budget.percent} % of ${this.#population}.`
    );
  }
}

/** The longest window of a policy, or what one could have that is not known yet: so far back changes are remembered. */
export function longestWindow(guard: Policy['guard'] | undefined, inMs: (duration: string) => number): number {
  if (guard === undefined) return inMs('1d');
  const { removals, blanks, memberships } = guard;
  return Math.max(...[removals, blanks, memberships, memberships.perGroup].map(({ window }) => inMs(window)));
}
