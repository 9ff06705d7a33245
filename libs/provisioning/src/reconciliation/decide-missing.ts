import type { ChangeBudget } from '@provisor/contracts';
import { changeLimit } from '../guard/change-guard.js';

export type MissingDecision =
  /** They are planned again, without their links. */
  | { readonly kind: 'again' }
  | { readonly kind: 'report' }
  /** So many at once are rather a target that shows too little: nothing is done. */
  | { readonly kind: 'held'; readonly cause: string };

/** What becomes of accounts that a complete listing did not show. `population`: linked accounts of the object type. */
export function decideMissing(
  missing: number,
  population: number,
  at: { readonly repair: boolean; readonly budget: Pick<ChangeBudget, 'max' | 'percent'> },
): MissingDecision {
  if (!at.repair || missing === 0) return { kind: 'report' };
  const limit = changeLimit(at.budget, population);
  if (missing <= limit && missing < population) return { kind: 'again' };
  if (missing === 1 && population === 1) return { kind: 'again' };
  return {
    kind: 'held',
    cause: `${missing} of ${population} accounts are not at the target, and the guard lets at most ${limit} pass; make sure that the target shows everything, then reconcile single objects or raise the budget.`,
  };
}

/** What becomes of memberships that a target does not show. `written`: those of the group that were written. */
export function decideMissingMembers(
  missing: number,
  written: number,
  at: { readonly repair: boolean; readonly budget: Pick<ChangeBudget, 'max' | 'percent'>; readonly group: string },
): MissingDecision {
  if (!at.repair || missing === 0) return { kind: 'report' };
  const limit = changeLimit(at.budget, written);
  if (missing <= limit) return { kind: 'again' };
  return {
    kind: 'held',
    cause: `${missing} of ${written} members of group ${at.group} are not shown by the target, and the guard lets at most ${limit} pass; make sure that the target shows all members (profile groups.listsMembers: false if it does not), or raise the budget.`,
  };
}
