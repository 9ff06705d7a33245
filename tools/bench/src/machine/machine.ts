import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ProcessTable } from './process-table.js';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
}

export const describeMachine = (): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  memoryGib: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
});

/** Above this share of the cores in use by others, figures say nothing about the program. */
const WORTHLESS = 0.1;

export interface MachineLoad {
  /** Share of all cores that processes other than ours used, between 0 and 1; undefined where the system does not say. */
  readonly others: number | undefined;
  /** Average run queue of the last minute. */
  readonly loadAverage: number;
  /** Figures that were measured meanwhile are worth nothing. */
  readonly worthless: boolean;
}

/** Measures from `begin` to `end` how much of the machine others use. */
export class LoadWatch {
  readonly #busy = busySeconds();
  readonly #own = new ProcessTable().cpu(process.pid);
  readonly #at = performance.now();

  end(): MachineLoad {
    const loadAverage = loadavg()[0] ?? 0;
    const busy = busySeconds();
    if (this.#busy === undefined || busy === undefined) return { others: undefined, loadAverage, worthless: false };
    const capacity = ((performance.now() - this.#at) / 1000) * availableParallelism();
    const own = new ProcessTable().cpu(process.pid) - this.#own;
    const others = Math.min(1, Math.max(0, (busy - this.#busy - own) / capacity));
    return { others, loadAverage, worthless: others > WORTHLESS };
  }
}

export async function loadNow(forMs = 2000): Promise<MachineLoad> {
  const watch = new LoadWatch();
  await pause(forMs);
  return watch.end();
}

export function loadInWords({ others, loadAverage, worthless }: MachineLoad): string {
  const average = `load average ${loadAverage.toFixed(2)}`;
  if (others === undefined) return `What others use of this machine is unknown (${average}).`;
  const share = `Others use ${(others * 100).toFixed(0)} % of this machine's cores (${average})`;
  return worthless ? `${share}: figures measured now are WORTHLESS.` : `${share}.`;
}

/** CPU time that was used by anybody since the start of the machine, in seconds. */
function busySeconds(): number | undefined {
  try {
    const [, user, nice, system, , , irq, softirq] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(
      /\s+/,
    );
    return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return undefined;
  }
}
