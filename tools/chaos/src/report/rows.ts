import { percentile, table } from '@provisor/demo';
import type { RoundResult } from '../round/run-round.js';

/** All rounds of one fault with one version. */
export interface Row {
  readonly version: string;
  readonly fault: string;
  readonly title: string;
  readonly injections: number;
  /** Changes of the source meanwhile. */
  readonly operations: number;
  readonly violations: number;
  readonly recoveriesMs: readonly number[];
  /** Of the runs that the rounds were in. */
  readonly seeds: readonly string[];
}

export function rowsOf(results: readonly RoundResult[], version: string): Row[] {
  const rows = results.map(({ fault, operations, recoveryMs, seed, violations }): Row => ({
    version,
    fault: fault.id,
    title: fault.title,
    injections: 1,
    operations,
    violations: violations.length,
    recoveriesMs: [Math.round(recoveryMs)],
    seeds: [seed.split('/')[0] ?? seed],
  }));
  return merge(rows);
}

/** One row for each fault and version, in the order of versions and faults. */
export function merge(rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.version} ${row.fault}`;
    const before = merged.get(key);
    merged.set(key, before === undefined ? row : together(before, row));
  }
  return [...merged.values()].sort((a, b) => order(a) - order(b) || compareVersions(a, b));
}

const order = ({ fault }: Row): number => Number(fault.slice(1));
const compareVersions = (a: Row, b: Row): number => a.version.localeCompare(b.version, 'en', { numeric: true });

const together = (a: Row, b: Row): Row => ({
  ...b,
  injections: a.injections + b.injections,
  operations: a.operations + b.operations,
  violations: a.violations + b.violations,
  recoveriesMs: [...a.recoveriesMs, ...b.recoveriesMs],
  seeds: [...new Set([...a.seeds, ...b.seeds])],
});

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`);
const recovery = (row: Row, percent: number): string => seconds(percentile(row.recoveriesMs, percent));

/** For a terminal. */
export const asText = (rows: readonly Row[]): string =>
  table([
    ['fault', 'injections', 'changes', 'violations', 'recovery p50', 'p99', 'what'],
    ...rows.map((row) => [
      row.fault,
      row.injections,
      row.operations,
      row.violations,
      recovery(row, 50),
      recovery(row, 99),
      row.title.replaceAll('`', ''),
    ]),
  ]);

/** For the published page. */
export const asMarkdown = (rows: readonly Row[]): string =>
  [
    '| fault | what is done | version | injections | changes meanwhile | violations | recovery p50 | p99 | seeds |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(
      (row) =>
        `| ${row.fault} | ${row.title} | ${row.version} | ${row.injections} | ${row.operations} | ${row.violations} | ${recovery(row, 50)} | ${recovery(row, 99)} | ${row.seeds.slice(-5).join(' ')} |`,
    ),
  ].join('\n');
