import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc; 100 on every Linux that Node.js runs on. */
const TICKS = 100;

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Of the process itself, in seconds. */
  readonly cpu: number;
  /** Of its children that have ended and were waited for, in seconds. */
  readonly cpuOfEnded: number;
}

/** What /proc says of all processes at one moment; empty where there is none. */
export class ProcessTable {
  readonly #entries: ReadonlyMap<number, ProcessEntry>;

  constructor(entries: readonly ProcessEntry[] = readAll()) {
    this.#entries = new Map(entries.map((entry) => [entry.pid, entry]));
  }

  /** The process and all below it. */
  family(pid: number): ProcessEntry[] {
    const children = Map.groupBy(this.#entries.values(), ({ parent }) => parent);
    const found: ProcessEntry[] = [];
    const open = [this.#entries.get(pid)];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      found.push(entry);
      open.push(...(children.get(entry.pid) ?? []));
    }
    return found;
  }

  /** CPU time of a process and all below it, in seconds. */
  cpu(pid: number): number {
    return this.family(pid).reduce((sum, { cpu, cpuOfEnded }) => sum + cpu + cpuOfEnded, 0);
  }
}

function readAll(): ProcessEntry[] {
  let names: string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => readOne(Number(name)) ?? []);
}

function readOne(pid: number): ProcessEntry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) / TICKS;
    return { pid, parent: Number(fields[1]), cpu: ticks(11), cpuOfEnded: ticks(13) };
  } catch {
    return undefined;
  }
}

/** Most memory that the process has ever had resident, in MiB; undefined where /proc does not say. */
export function peakMemory(pid: number): number | undefined {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line === null ? undefined : Number(line[1]) / 1024;
  } catch {
    return undefined;
  }
}

/** The process below `pid` whose command line has this word. */
export function findProcess(pid: number, word: string): number | undefined {
  return new ProcessTable().family(pid).find((entry) => commandLine(entry.pid).includes(word))?.pid;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
