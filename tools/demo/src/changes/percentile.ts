/** The nearest-rank percentile; undefined for no values. */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil((percent / 100) * ordered.length) - 1)];
}
