import { Random } from '@provisor/demo';
import type { Violation } from '../checker/violation.js';
import { FaultContext, type Fault } from '../faults/fault.js';
import type { World } from '../world/world.js';
import { checkWorld } from './check-world.js';
import { settle } from './settle.js';

export interface RoundResult {
  readonly fault: Fault;
  readonly seed: string;
  /** Changes of the source in this round. */
  readonly operations: number;
  readonly faultMs: number;
  /** From the end of the fault until everything is as it should be. */
  readonly recoveryMs: number;
  readonly violations: readonly Violation[];
}

const BEFORE_MS = [1_000, 3_000] as const;
const AFTER_MS = [500, 1_500] as const;

/** A fault at a random point of the workload, everything healed, time to converge, and every invariant. */
export async function runRound(o: {
  readonly world: World;
  readonly fault: Fault;
  readonly seed: string;
  readonly say: (text: string) => void;
}): Promise<RoundResult> {
  const { world, fault, seed, say } = o;
  const context = new FaultContext({ world, random: new Random(seed), say });
  const before = world.generator.operations;
  world.sampler.start();
  world.generator.start();
  await context.wait(...BEFORE_MS);
  const began = performance.now();
  await fault.inject(context);
  await world.heal();
  const healed = performance.now();
  const faultMs = healed - began;
  await context.wait(...AFTER_MS);
  await world.generator.stop();
  const settled = await settle(world, fault.convergeWithinMs ?? 60_000 + 2 * faultMs, say);
  const recoveryMs = performance.now() - healed;
  await world.sampler.stop();
  const found = settled.violation === undefined ? await checkWorld(world, settled.content) : [settled.violation];
  return {
    fault,
    seed,
    operations: world.generator.operations - before,
    faultMs,
    recoveryMs,
    violations: [...context.violations, ...found],
  };
}
