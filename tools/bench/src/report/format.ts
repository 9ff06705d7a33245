import type { Repeated } from '../statistics/repetitions.js';

/** Three significant digits, and no more digits than help. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** The median, and the range where there is one. */
export function formatRepeated({ median, least, most, values }: Repeated): string {
  if (values.length < 2) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(least)} to ${formatNumber(most)})`;
}
