import { execFileSync } from 'node:child_process';
import { accessSync, chownSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedProblem } from '../embedded-problem.js';

/** How a command of PostgreSQL, which refuses to run as root, is started. */
export interface ServerUser {
  /** Set where the present user is root. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** Command and arguments in front of the real ones. */
  readonly prefix: readonly string[];
}

const ACCOUNT = 'postgres';

/**
 * The user that runs the server: the present one, or for root the account `postgres`, which is made where it is missing.
 *
 * @param paths what that user has to reach
 * @throws EmbeddedProblem
 */
export function serverUser(paths: readonly string[]): ServerUser {
  if (process.getuid?.() !== 0) return { ids: undefined, prefix: [] };
  const ids = accountIds() ?? createAccount();
  if (paths.every(isReachable)) return { ids, prefix: [] };
  // Below a closed folder such as /root: the account keeps its ids and may look through folders, nothing else.
  if (!commandExists('setpriv')) {
    throw new EmbeddedProblem(
      `PostgreSQL refuses to run as root, and the account ${ACCOUNT} cannot reach ${paths.find((path) => !isReachable(path)) ?? ''}.`,
      'Work as an ordinary user, move the folder to a place that everybody may enter, or install util-linux (setpriv).',
    );
  }
  const identity = [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups'];
  return {
    ids: undefined,
    prefix: ['setpriv', ...identity, '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--'],
  };
}

/** Makes a file or a folder the server's own. */
export function giveToServer(path: string): void {
  const ids = process.getuid?.() === 0 ? accountIds() : undefined;
  if (ids !== undefined) chownSync(path, ids.uid, ids.gid);
}

function isReachable(path: string): boolean {
  for (let dir = path; ; dir = dirname(dir)) {
    if (exists(dir) && (statSync(dir).mode & 0o001) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

function accountIds(): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, ACCOUNT], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function createAccount(): { uid: number; gid: number } {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT], { stdio: 'ignore' });
  } catch (error) {
    throw new EmbeddedProblem(
      `PostgreSQL refuses to run as root, and the account ${ACCOUNT} cannot be made.`,
      `Work as an ordinary user, or make an account named ${ACCOUNT}.`,
      error,
    );
  }
  const ids = accountIds();
  if (ids === undefined) throw new EmbeddedProblem(`The account ${ACCOUNT} was not made.`, 'Work as an ordinary user.');
  return ids;
}

function commandExists(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
