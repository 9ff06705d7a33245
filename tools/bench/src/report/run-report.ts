import type { Machine, MachineLoad } from '../machine/machine.js';
import type { Ceilings, Form, Outcome } from '../suite/benchmark.js';

export interface BenchmarkReport {
  readonly id: string;
  readonly title: string;
  readonly goal: string;
  readonly seconds: number;
  readonly load: MachineLoad;
  /** Absent where it failed. */
  readonly outcome?: Outcome;
  /** Why it failed. */
  readonly failure?: string;
}

/** Everything about one run; this is what the JSON file holds. */
export interface RunReport {
  readonly startedAt: string;
  readonly form: Form;
  readonly seed: string;
  readonly command: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly loadAtStart: MachineLoad;
  readonly profiled: boolean;
  readonly ceilings: Ceilings['figures'];
  readonly benchmarks: readonly BenchmarkReport[];
}

export type Verdict = 'met' | 'missed' | 'failed';

/** Failed: it did not come to an end, or a promise was broken. Missed: a goal was. */
export function verdictOf({ outcome }: BenchmarkReport): Verdict {
  if (outcome === undefined || outcome.violations.length > 0) return 'failed';
  return outcome.goals.every(({ met }) => met) ? 'met' : 'missed';
}
