import { Random } from '@provisor/demo';
import type { Fault } from './faults/fault.js';
import { dumpState } from './round/dump-state.js';
import { runRound, type RoundResult } from './round/run-round.js';
import { settle } from './round/settle.js';
import { World } from './world/world.js';

export interface CampaignOptions {
  readonly dir: string;
  readonly seed: string;
  readonly users: number;
  readonly perSecond: number;
  /** In this order. */
  readonly faults: Iterable<Fault>;
  readonly say: (text: string) => void;
  readonly onRound?: (result: RoundResult) => void;
  readonly signal?: AbortSignal;
}

const FIRST_LOAD_MS = 120_000;

/** Rounds in one world, one after the other. Ends at the first violation, because whatever comes after it would be found as well. */
export async function runCampaign(o: CampaignOptions): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  const began = performance.now();
  const world = await World.open(o);
  try {
    const { violation } = await settle(world, FIRST_LOAD_MS);
    if (violation !== undefined) throw new Error(`The first load did not settle.\n${violation.what}`);
    o.say(`${o.users} people are there after ${Math.round((performance.now() - began) / 1000)} s`);
    for (const fault of o.faults) {
      if (o.signal?.aborted === true) break;
      const seed = `${o.seed}/${results.length}`;
      const result = await runRound({ world, fault, seed, say: (text) => o.say(`${fault.id} ${text}`) });
      results.push(result);
      o.onRound?.(result);
      if (result.violations.length > 0) {
        o.say(`tables, ledgers and topics are in ${await dumpState(world)}`);
        break;
      }
    }
    return results;
  } finally {
    await world.close();
  }
}

/** Each fault so often, the whole list again and again. */
export const inTurn = (faults: readonly Fault[], rounds: number): Fault[] =>
  Array.from({ length: rounds }, () => faults).flat();

/** Faults by chance until the time is over. */
export function* byChance(faults: readonly Fault[], seed: string, untilMs: number): Generator<Fault> {
  const random = new Random(`${seed}/nemesis`);
  while (performance.now() < untilMs) yield random.pick(faults);
}
