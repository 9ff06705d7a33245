import type { Plan } from './plan/plan.js';
import type { RunReport } from './run/run-plan.js';
import type { Totals } from './run/run-seeds.js';

const number = (value: number): string => Math.round(value).toLocaleString('en');

/** The figures of many runs, for people. */
export function summary(totals: Totals, tookMs: number): string {
  const share = totals.writes === 0 ? 0 : (100 * totals.redundantWrites) / totals.writes;
  const kinds = Object.entries(totals.faults).sort(([, a], [, b]) => b - a);
  const faults = kinds.reduce((sum, [, count]) => sum + count, 0);
  return [
    `${number(totals.seeds)} seeds, ${(totals.virtualMs / 3_600_000).toFixed(1)} virtual hours in ${(tookMs / 1000).toFixed(1)} s`,
    `${number(totals.operations)} operations, ${number(totals.requests)} requests, ${number(totals.writes)} writes (${share.toFixed(1)} % changed nothing), ${number(totals.results)} results`,
    `${number(faults)} faults: ${kinds.map(([kind, count]) => `${kind} ${number(count)}`).join(', ')}`,
    totals.failing.length === 0
      ? 'Nothing was violated.'
      : `${totals.failing.length} seeds failed: ${totals.failing.map(({ seed }) => seed).join(', ')}`,
  ].join('\n');
}

/** What a failing seed did wrong, and how to see it again. */
export function failure(report: RunReport, shrunk?: { plan: Plan; report: RunReport }): string {
  const lines = [
    `Seed ${report.seed} failed. Again: npm run simulate -- --seed ${report.seed}`,
    ...report.violations.slice(0, 5).map(({ invariant, message }) => `  ${invariant}  ${message}`),
  ];
  if (shrunk === undefined) return lines.join('\n');
  const { operations, faults, setup } = shrunk.plan;
  return [
    ...lines,
    `  Still fails with ${operations.length} operations and ${faults.length} faults (${shrunk.report.violations[0]?.message ?? ''}):`,
    `    ${JSON.stringify(setup)}`,
    ...operations.map((operation) => `    ${JSON.stringify(operation)}`),
    ...faults.map((fault) => `    ${JSON.stringify(fault)}`),
  ].join('\n');
}
