import type { Benchmark } from '../suite/benchmark.js';
import { b1InitialLoad } from './b1-initial-load.js';
import { b10Restart } from './b10-restart.js';
import { b13Lanes } from './b13-lanes.js';
import { b14NoOpSuppression } from './b14-no-op-suppression.js';
import { b2ChangeLatency } from './b2-change-latency.js';
import { b4SlowTarget } from './b4-slow-target.js';
import { b5HotGroup } from './b5-hot-group.js';
import { b6NoisyNeighbour } from './b6-noisy-neighbour.js';
import { b7Budget } from './b7-budget.js';

export const ALL_BENCHMARKS: readonly Benchmark[] = [
  b1InitialLoad,
  b2ChangeLatency,
  b4SlowTarget,
  b5HotGroup,
  b6NoisyNeighbour,
  b7Budget,
  b10Restart,
  b13Lanes,
  b14NoOpSuppression,
];
