import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '@provisor/demo';
import type { InvariantId, Violation } from '../checker/violation.js';
import type { World } from '../world/world.js';

/** One row of the fault matrix. */
export interface Fault {
  readonly id: string;
  /** What is done, for the table. */
  readonly title: string;
  /** What ends it, for the table. */
  readonly heals: string;
  /** How long everything may take to be right again, in milliseconds; a minute and twice the time that the fault lasted unless given. */
  readonly convergeWithinMs?: number;
  /** Does it beside the workload, and undoes it: resolves when all of it has ended. What is left over is healed by the world. */
  inject(context: FaultContext): Promise<void>;
}

export class FaultContext {
  readonly world: World;
  readonly random: Random;
  readonly violations: Violation[] = [];
  readonly #say: (text: string) => void;

  constructor(o: { readonly world: World; readonly random: Random; readonly say: (text: string) => void }) {
    this.world = o.world;
    this.random = o.random;
    this.#say = o.say;
  }

  /** What was done, with its figures. */
  say(text: string): void {
    this.#say(text);
  }

  /** Waits between `least` and `most` milliseconds, by chance. */
  async wait(least: number, most: number): Promise<number> {
    const milliseconds = Math.round(least + this.random.next() * (most - least));
    await pause(milliseconds);
    return milliseconds;
  }

  /** Something that has to hold while the fault is on. */
  expect(holds: boolean, invariant: InvariantId, what: string): void {
    if (!holds) this.violations.push({ invariant, what });
  }
}
