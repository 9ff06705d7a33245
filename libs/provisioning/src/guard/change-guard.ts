import type { ChangeBudget } from '@provisor/contracts';

/** The numbers that a budget of changes is held against. */
export interface ChangeCounts {
  /** Changes already sent in the running window. */
  readonly inWindow: number;
  /** What the share of the budget is a share of: accounts, memberships, members. */
  readonly population: number;
  /** Changes that are to be sent now. */
  readonly asked: number;
}

/** So many changes may be sent in one window: the larger of the number and the share of the population. */
export function changeLimit(budget: Pick<ChangeBudget, 'max' | 'percent'>, population: number): number {
  return Math.max(budget.max, Math.floor((budget.percent / 100) * population));
}

/**
 * How many changes may go and how many are held until somebody approves them. A change is held where it would exceed both
 * bounds of the window: the number and the share of the population.
 */
export function changeGuard(budget: ChangeBudget, counts: ChangeCounts): { allowed: number; held: number } {
  const limit = changeLimit(budget, counts.population);
  const allowed = Math.min(counts.asked, Math.max(0, limit - counts.inWindow));
  return { allowed, held: counts.asked - allowed };
}
