import { repeated } from '../statistics/repetitions.js';
import type { Figure, Goal } from './benchmark.js';

export const figure = (name: string, unit: string, ...values: readonly number[]): Figure => ({
  name,
  unit,
  value: repeated(values),
});

/** Where nothing could be measured, a goal is not met. */
export const atLeast = (name: string, wanted: number, measured: number, unit = ''): Goal => ({
  name,
  wanted: `≥ ${wanted}${unit && ` ${unit}`}`,
  measured,
  met: measured >= wanted,
});

export const atMost = (name: string, wanted: number, measured: number, unit = ''): Goal => ({
  name,
  wanted: `≤ ${Number(wanted.toFixed(2))}${unit && ` ${unit}`}`,
  measured,
  met: measured <= wanted,
});

export const exactly = (name: string, wanted: number, measured: number, unit = ''): Goal => ({
  name,
  wanted: `= ${wanted}${unit && ` ${unit}`}`,
  measured,
  met: measured === wanted,
});
