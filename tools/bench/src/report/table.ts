import { seconds } from '@provisor/demo';
import type { Figure } from '../suite/benchmark.js';
import { formatNumber, formatRepeated } from './format.js';
import { verdictOf, type BenchmarkReport } from './run-report.js';

/** One benchmark for a terminal. */
export function benchmarkTable(report: BenchmarkReport): string {
  const { id, title, outcome, failure } = report;
  const lines = ['', `${id} ${title}: ${verdictOf(report)} (${seconds(report.seconds * 1000)})`];
  if (failure !== undefined) lines.push(`  ${failure}`);
  if (outcome === undefined) return lines.join('\n');
  for (const { name, wanted, measured, met } of outcome.goals)
    lines.push(`  ${met ? '✓' : '✗'} ${name}: ${formatNumber(measured)}, goal ${wanted}`);
  for (const violation of outcome.violations.slice(0, 5)) lines.push(`  ✗ BROKEN PROMISE: ${violation}`);
  if (outcome.violations.length > 5) lines.push(`  ✗ … and ${outcome.violations.length - 5} more`);
  lines.push(...figureLines(outcome.figures));
  return lines.join('\n');
}

export function figureLines(figures: readonly Figure[]): string[] {
  const width = Math.max(0, ...figures.map(({ name }) => name.length));
  return figures.map(({ name, unit, value }) =>
    `    ${name.padEnd(width)}  ${formatRepeated(value)} ${unit}`.trimEnd(),
  );
}
