import type { Screen } from '@provisor/demo';
import type { Infrastructure } from '../rig/infrastructure.js';
import type { Repeated } from '../statistics/repetitions.js';

/** `smoke` shows only that the harness works. */
export type Form = 'smoke' | 'quick' | 'full';

/** One thing that was measured. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: Repeated;
}

/** What was to be reached. */
export interface Goal {
  readonly name: string;
  /** As text, such as `≥ 2500 users/s`. */
  readonly wanted: string;
  readonly measured: number;
  readonly met: boolean;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
  /** What was run, in numbers: sizes, rates, settings. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Broken promises: an account twice, a wrong order. A run with one is a failed run. */
  readonly violations: readonly string[];
  /** Sentences that a reader of the figures needs. */
  readonly notes: readonly string[];
}

/** What a benchmark is run with. */
export interface BenchContext {
  readonly infrastructure: Infrastructure;
  readonly form: Form;
  readonly seed: string;
  readonly screen: Screen;
  /** Results of this run lie here. */
  readonly dir: string;
  readonly ceilings: Ceilings;
  /** CPU profiles and statement counts are wanted. */
  readonly profile: boolean;
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** In one sentence, for `--help`. */
  readonly goal: string;
  run(context: BenchContext): Promise<Outcome>;
}

/** What this machine can do at most, measured in the same run. */
export interface Ceilings {
  readonly figures: readonly Figure[];
  /** Produce and consume of one record, in milliseconds. */
  readonly kafkaHopMs: number;
  /** undici towards a bare server, 64 in flight, in requests per second. */
  readonly httpPerSecond: number;
}
