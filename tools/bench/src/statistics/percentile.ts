/** The exact percentile (nearest rank) of values in any order; NaN where there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  // 99.9 % of 1000 are 999.0000000000001 in floating point.
  const rank = Math.ceil((percent * sorted.length) / 100 - 1e-9);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export function summarize(values: readonly number[]): LatencySummary {
  const of = (percent: number): number => percentile(values, percent);
  return { count: values.length, p50: of(50), p90: of(90), p99: of(99), p999: of(99.9), max: of(100) };
}
