import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** Tells a process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in whatever form the system gives; compared for equality only. */
  readonly startedAt: string;
}

/** The identity of a running process, undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

function startFromProc(pid: number): string | undefined {
  try {
    // The command stands in parentheses and may contain spaces; the fields after it are fixed (proc(5): state is 3, starttime 22).
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = status === 0 ? stdout.trim() : '';
  return text === '' ? undefined : text;
}
