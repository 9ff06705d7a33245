import { makePlan } from '../plan/make-plan.js';
import type { FaultKind } from '../plan/plan.js';
import { runPlan, type RunReport } from './run-plan.js';

/** What many runs came to together. */
export interface Totals {
  seeds: number;
  operations: number;
  requests: number;
  writes: number;
  redundantWrites: number;
  results: number;
  events: number;
  virtualMs: number;
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly failing: RunReport[];
}

/** Runs seeds one after the other. `seen` is called after each. */
export async function runSeeds(
  { seed, seeds }: { seed: number; seeds: number },
  seen: (totals: Totals) => boolean | undefined = () => undefined,
): Promise<Totals> {
  const totals: Totals = {
    ...{ seeds: 0, operations: 0, requests: 0, writes: 0, redundantWrites: 0, results: 0, events: 0, virtualMs: 0 },
    faults: {},
    failing: [],
  };
  for (let at = seed; at < seed + seeds; at += 1) {
    const report = await runPlan(makePlan(at));
    totals.seeds += 1;
    for (const key of [
      'operations',
      'requests',
      'writes',
      'redundantWrites',
      'results',
      'events',
      'virtualMs',
    ] as const)
      totals[key] += report[key];
    for (const [kind, count] of report.injected) totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
    if (report.violations.length > 0) totals.failing.push(report);
    if (seen(totals) === false) break;
  }
  return totals;
}
