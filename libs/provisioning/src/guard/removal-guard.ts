import type { ChangeBudget } from '@provisor/contracts';

export interface RemovalCounts {
  /** Removals already sent in the running window. */
  readonly removedInWindow: number;
  /** Accounts that the SP connection has. */
  readonly population: number;
  /** Removals that are to be sent now. */
  readonly asked: number;
}

/**
 * How many removals may go and how many are held until somebody approves them. A removal is held where it would exceed both
 * bounds of the window: the number and the share of the population.
 */
export function removalGuard(budget: ChangeBudget, counts: RemovalCounts): { allowed: number; held: number } {
  const limit = Math.max(budget.max, Math.floor((budget.percent / 100) * counts.population));
  const allowed = Math.min(counts.asked, Math.max(0, limit - counts.removedInWindow));
  return { allowed, held: counts.asked - allowed };
}
