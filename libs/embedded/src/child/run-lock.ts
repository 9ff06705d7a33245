import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedProblem } from '../embedded-problem.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';
import { waitUntil } from './wait-until.js';

interface LockContent {
  /** The process that started the component and is responsible for it. */
  readonly owner: ProcessIdentity;
  readonly child: ProcessIdentity;
}

const fileOf = (dir: string): string => join(dir, 'running.json');

/**
 * Makes sure that nothing of an earlier run works on the folder: a component whose owner has gone is ended, one whose owner
 * still runs is left alone.
 *
 * @throws EmbeddedProblem when the folder is in use by a living owner.
 */
export async function takeOver(dir: string, what: string, stopSignal: NodeJS.Signals): Promise<void> {
  const lock = read(dir);
  if (lock === undefined) return;
  if (isAlive(lock.child)) {
    if (lock.owner.pid !== process.pid && isAlive(lock.owner)) {
      throw new EmbeddedProblem(
        `${what} in ${dir} is in use by process ${lock.owner.pid}.`,
        'End that one first, or choose another folder.',
      );
    }
    await end(lock.child, stopSignal);
  }
  release(dir);
}

/**
 * Marks a folder as this process's own until the returned function is called or the process ends.
 *
 * @throws EmbeddedProblem when another living process has it.
 */
export async function holdFolder(dir: string, what: string): Promise<() => void> {
  await takeOver(dir, what, 'SIGTERM');
  mkdirSync(dir, { recursive: true });
  claim(dir, process.pid);
  return () => release(dir);
}

export function claim(dir: string, childPid: number): void {
  const owner = identify(process.pid);
  const child = identify(childPid);
  if (owner !== undefined && child !== undefined) writeFileSync(fileOf(dir), JSON.stringify({ owner, child }));
}

export function release(dir: string): void {
  rmSync(fileOf(dir), { force: true });
}

function read(dir: string): LockContent | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dir), 'utf8')) as LockContent;
  } catch {
    return undefined;
  }
}

async function end(orphan: ProcessIdentity, stopSignal: NodeJS.Signals): Promise<void> {
  const gone = (): boolean => !isAlive(orphan);
  process.kill(orphan.pid, stopSignal);
  if (await waitUntil(gone, { timeoutMs: 10_000 })) return;
  process.kill(orphan.pid, 'SIGKILL');
  await waitUntil(gone, { timeoutMs: 5000 });
}
