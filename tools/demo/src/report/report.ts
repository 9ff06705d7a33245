import { percentile } from '../changes/percentile.js';
import { CHANGE_KINDS, type MeasuredChange } from '../changes/live-change.js';
import type { Comparison } from '../comparison/comparison.js';
import { table } from '../terminal/table.js';

export interface Figures {
  readonly comparison: Comparison;
  readonly initialLoadSeconds: number;
  readonly changes: readonly MeasuredChange[];
  /** Objects that the admin API calls failed. */
  readonly failed: number;
}

/** The verdict as one line of JSON, the last of `--once`. */
export function verdict({ comparison, initialLoadSeconds, changes, failed }: Figures): string {
  const latencies = changes.flatMap(({ latencyMs }) => latencyMs ?? []);
  const rounded = (percent: number): number | null => {
    const value = percentile(latencies, percent);
    return value === undefined ? null : Math.round(value);
  };
  return JSON.stringify({
    users: comparison.users,
    groups: comparison.groups,
    memberships: comparison.memberships,
    initialLoadSeconds: Number(initialLoadSeconds.toFixed(1)),
    changes: changes.length,
    latencyMs: { p50: rounded(50), p99: rounded(99) },
    failed: failed + changes.filter(({ latencyMs }) => latencyMs === undefined).length,
  });
}

/** Changes by kind with their latencies. */
export function changeTable(changes: readonly MeasuredChange[]): string {
  const rows = [...CHANGE_KINDS, 'all'].flatMap((kind) => {
    const ofKind = changes.filter(({ change }) => kind === 'all' || change.kind === kind);
    const accepted = ofKind.flatMap(({ latencyMs }) => latencyMs ?? []);
    const shown = ofKind.flatMap(({ shownMs }) => shownMs ?? []);
    if (accepted.length === 0) return [];
    const ms = (values: readonly number[], percent: number): string =>
      `${Math.round(percentile(values, percent) ?? 0)} ms`;
    return [[kind, accepted.length, ms(accepted, 50), ms(accepted, 99), ms(shown, 50), ms(shown, 99)]];
  });
  return table([['change', 'number', 'accepted, median', 'p99', 'shown, median', 'p99'], ...rows]);
}
