import type { Plan } from '../plan/plan.js';
import { runPlan, type RunReport } from './run-plan.js';

/** Runs that may be spent on one failing plan. */
const MOST_RUNS = 250;

/**
 * The smallest part of a plan that still breaks one of the same invariants, by delta debugging: larger pieces are left out first,
 * then smaller ones.
 */
export async function shrink(failing: RunReport, plan: Plan): Promise<{ plan: Plan; report: RunReport }> {
  const broken = new Set(failing.violations.map(({ invariant }) => invariant));
  let runs = 0;
  let best = { plan, report: failing };
  const fails = async (candidate: Plan): Promise<boolean> => {
    runs += 1;
    const report = await runPlan(candidate);
    if (!report.violations.some(({ invariant }) => broken.has(invariant))) return false;
    best = { plan: candidate, report };
    return true;
  };
  for (const part of ['faults', 'operations', 'faults'] as const) {
    for (let size = Math.ceil(best.plan[part].length / 2); size >= 1 && runs < MOST_RUNS; size = Math.floor(size / 2))
      for (let at = 0; at < best.plan[part].length && runs < MOST_RUNS;) {
        const items = best.plan[part];
        const candidate = { ...best.plan, [part]: [...items.slice(0, at), ...items.slice(at + size)] };
        if (!(await fails(candidate))) at += size;
      }
  }
  return best;
}
