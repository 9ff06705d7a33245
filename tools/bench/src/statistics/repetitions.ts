import { percentile } from './percentile.js';

/** What repetitions of one measurement gave: the median, and the range of all. */
export interface Repeated {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly values: readonly number[];
}

export const repeated = (values: readonly number[]): Repeated => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
  values,
});

/** Of an even number of values the lower middle one, so that it is one that was measured. */
export const median = (values: readonly number[]): number => percentile(values, 50);
