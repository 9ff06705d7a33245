import { peakMemory, ProcessTable } from '../machine/process-table.js';

/** CPU seconds and peak memory of processes between two moments. */
export interface Consumption {
  /** In seconds. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Highest resident memory since the start of the process, in MiB. */
  readonly peakMib: Readonly<Record<string, number>>;
}

export class ConsumptionWatch {
  readonly #processes: Readonly<Record<string, number>>;
  readonly #before = new ProcessTable();

  constructor(processes: Readonly<Record<string, number>>) {
    this.#processes = processes;
  }

  end(): Consumption {
    const after = new ProcessTable();
    const entries = Object.entries(this.#processes);
    return {
      cpu: Object.fromEntries(entries.map(([name, pid]) => [name, after.cpu(pid) - this.#before.cpu(pid)])),
      peakMib: Object.fromEntries(entries.map(([name, pid]) => [name, peakMemory(pid) ?? Number.NaN])),
    };
  }
}
