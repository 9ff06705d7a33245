import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedProblem } from '../embedded-problem.js';
import { claim, release, takeOver } from './run-lock.js';
import { waitUntil } from './wait-until.js';

export interface ChildOptions {
  /** What it is, for people. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Holds the lock file; one child per folder. */
  readonly dir: string;
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The signal that asks for an orderly end; SIGTERM unless given. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long an orderly end may take before SIGKILL; 15 s unless given. */
  readonly graceMs?: number;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A child process that does not outlive its parent: it runs in a process group of its own (Ctrl-C at the terminal reaches the
 * parent only, which stops its children in order), and a small guard process ends it when the parent is gone in whatever way.
 */
export interface ManagedChild {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  running(): boolean;
  /** Orderly end, SIGKILL after the grace period. Resolves when the process is gone; a second call waits for the first. */
  stop(): Promise<void>;
  /** The last lines of its output. */
  tail(lines?: number): string;
}

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** Starts the child after ending what an earlier run left in the folder. @throws EmbeddedProblem */
export async function startChild(o: ChildOptions): Promise<ManagedChild> {
  const stopSignal = o.stopSignal ?? 'SIGTERM';
  const graceMs = o.graceMs ?? 15_000;
  mkdirSync(o.dir, { recursive: true });
  await takeOver(o.dir, o.name, stopSignal);

  const child = spawnLogged(o);
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const pid = await spawned(child, o);
  claim(o.dir, pid);
  const guard = startGuard(pid, stopSignal, graceMs);

  let running = true;
  void exited.then(() => {
    running = false;
    guard.kill('SIGKILL');
    release(o.dir);
  });

  const end = async (): Promise<void> => {
    if (running) child.kill(stopSignal);
    if (!(await waitUntil(() => !running, { timeoutMs: graceMs }))) killGroup(pid);
    await exited;
  };
  let ending: Promise<void> | undefined;
  return {
    pid,
    logFile: o.logFile,
    exited,
    running: () => running,
    stop: () => (ending ??= end()),
    tail: (lines = 15) => tailOf(o.logFile, lines),
  };
}

function spawnLogged(o: ChildOptions): ChildProcess {
  mkdirSync(dirname(o.logFile), { recursive: true });
  rotate(o.logFile);
  const log = openSync(o.logFile, 'a');
  try {
    return spawn(o.command, o.args, {
      cwd: o.cwd,
      env: o.env ?? process.env,
      ...o.user,
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

function spawned(child: ChildProcess, o: ChildOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? -1));
    child.once('error', (error) =>
      reject(
        new EmbeddedProblem(`${o.name} cannot be started: ${error.message}.`, `Is ${o.command} installed?`, error),
      ),
    );
  });
}

/**
 * The guard waits for the end of its standard input, which comes when this process ends, by SIGKILL too, and then ends the
 * child. It lives in a group of its own, so that signals from the terminal do not reach it.
 */
function startGuard(pid: number, stopSignal: NodeJS.Signals, graceMs: number): ChildProcess {
  const script = [
    'cat >/dev/null',
    `kill -s ${stopSignal.slice(3)} ${pid}`,
    `n=0; while kill -0 ${pid} 2>/dev/null && [ $n -lt ${Math.ceil(graceMs / 1000)} ]; do sleep 1; n=$((n+1)); done`,
    `kill -s KILL -- -${pid} 2>/dev/null`,
  ].join('\n');
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => undefined);
  guard.unref();
  return guard;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

function rotate(file: string): void {
  try {
    if (statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // There is no log yet.
  }
}

function tailOf(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
