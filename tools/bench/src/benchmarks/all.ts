import type { Benchmark } from '../suite/benchmark.js';
import { b1InitialLoad } from './b1-initial-load.js';

export const ALL_BENCHMARKS: readonly Benchmark[] = [b1InitialLoad];
