import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@provisor/telemetry';
import { startChild, type ChildExit, type ManagedChild } from '../child/managed-child.js';
import { freePort, requireFreePort } from '../child/ports.js';
import { takeOver } from '../child/run-lock.js';
import { waitUntil } from '../child/wait-until.js';
import { EmbeddedProblem } from '../embedded-problem.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { postgresSettings, toArguments } from './postgres-settings.js';
import { giveToServer, serverUser, type ServerUser } from './server-user.js';

export interface PostgresOptions {
  /** Everything of this server lies here; used again at the next start. */
  readonly dir: string;
  /** Port on 127.0.0.1; a free one where absent. */
  readonly port?: number;
  /** Databases to be there; `provisor` unless given. Letters, digits and underscores. */
  readonly databases?: readonly string[];
  /** Server settings over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log: Logger;
}

export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  /** The connection string of a database, with the password. */
  url(database?: string): string;
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

const USER = 'provisor';
const START_TIMEOUT_MS = 60_000;
/** Sessions of a server that was killed end once they notice, which is when their statement does. */
const FORMER_SESSIONS_MS = 30_000;

/**
 * A real PostgreSQL on the loopback interface, as a child process. The superuser is `provisor`, with a generated password that lies
 * beside the data in a file only the owner may read.
 *
 * @throws EmbeddedProblem
 */
export async function startPostgres(o: PostgresOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(o.dir);
  mkdirSync(dir, { recursive: true });
  await takeOver(dir, 'PostgreSQL', 'SIGINT');
  const port = o.port === undefined ? await freePort() : await requireFreePort(o.port, 'PostgreSQL');
  const binaries = postgresBinaries();
  if (process.getuid?.() === 0) chmodSync(dir, 0o755);
  const server: Server = { dir, data: join(dir, 'data'), binaries, user: serverUser([dir, binaries.postgres]) };

  const password = await initialise(server);
  const child = await afterFormerSessions(async () => {
    await createDatabases(server, o.databases ?? [USER]);
    const started = await launch(server, port, { ...postgresSettings, ...o.settings });
    await untilReady(server, started, o.log);
    return started;
  });
  return {
    port,
    pid: child.pid,
    url: (database = USER) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`,
    exited: child.exited,
    stop: () => child.stop(),
  };
}

interface Server {
  readonly dir: string;
  readonly data: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
}

/** Makes the data folder at the first start; returns the superuser's password. */
async function initialise(server: Server): Promise<string> {
  const passwordFile = join(server.dir, 'password');
  if (existsSync(join(server.data, 'PG_VERSION')) && existsSync(passwordFile))
    return readFileSync(passwordFile, 'utf8').trim();

  rmSync(server.data, { recursive: true, force: true });
  mkdirSync(server.data, { mode: 0o700 });
  giveToServer(server.data);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveToServer(passwordFile);
  const args = ['-D', server.data, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'];
  await run(server, server.binaries.initdb, [...args, ...locale]);
  return password;
}

/** Tries again while sessions of a server that was killed are left: no other may touch the data before the last of them is gone. */
async function afterFormerSessions<T>(start: () => Promise<T>): Promise<T> {
  for (const deadline = performance.now() + FORMER_SESSIONS_MS; ; await pause(100)) {
    try {
      return await start();
    } catch (error) {
      const waits = error instanceof EmbeddedProblem && error.message.includes('pre-existing shared memory block');
      if (!waits || performance.now() > deadline) throw error;
    }
  }
}

/** In single-user mode, which needs no client; before the server starts. */
async function createDatabases(server: Server, wanted: readonly string[]): Promise<void> {
  const recordFile = join(server.dir, 'databases.json');
  const known = existsSync(recordFile) ? (JSON.parse(readFileSync(recordFile, 'utf8')) as string[]) : ['postgres'];
  const missing = wanted.filter((name) => !known.includes(name));
  if (missing.length === 0) return;
  const sql = missing.map((name) => `CREATE DATABASE "${name.replaceAll(/\W/g, '_')}";\n`).join('');
  await run(server, server.binaries.postgres, ['--single', '-D', server.data, 'postgres'], sql);
  writeFileSync(recordFile, JSON.stringify([...known, ...missing]));
}

function launch(server: Server, port: number, settings: Readonly<Record<string, string>>): Promise<ManagedChild> {
  const [command, ...args] = [...server.user.prefix, server.binaries.postgres, '-D', server.data, '-p', String(port)];
  return startChild({
    name: 'PostgreSQL',
    command: command ?? server.binaries.postgres,
    args: [...args, ...toArguments(settings)],
    dir: server.dir,
    cwd: server.dir,
    logFile: join(server.dir, 'postgres.log'),
    env: serverEnvironment(),
    ...(server.user.ids && { user: server.user.ids }),
    // Fast shutdown: sessions are ended, the data is left consistent.
    stopSignal: 'SIGINT',
    graceMs: 20_000,
  });
}

/** The last line of postmaster.pid says how far the server is; pg_ctl waits for the same. */
async function untilReady(server: Server, child: ManagedChild, log: Logger): Promise<void> {
  const started = performance.now();
  const isReady = (): boolean => {
    const lines = readText(join(server.data, 'postmaster.pid')).split('\n');
    return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready';
  };
  const done = await waitUntil(() => !child.running() || isReady(), { timeoutMs: START_TIMEOUT_MS });
  if (!done || !child.running()) {
    const tail = child.tail();
    await child.stop();
    throw new EmbeddedProblem(`PostgreSQL did not start: ${tail || 'it said nothing'}`, `See ${child.logFile}.`);
  }
  log.info('PostgreSQL answers', { milliseconds: Math.round(performance.now() - started) });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Without the PG* variables of the caller, which the server's programs would obey. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^(PG|LC_|LANG)/.test(key));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

function run(server: Server, program: string, programArgs: readonly string[], input = ''): Promise<void> {
  const [command, ...args] = [...server.user.prefix, program, ...programArgs];
  return new Promise((done, reject) => {
    const options = { ...server.user.ids, cwd: server.dir, env: serverEnvironment() };
    const child = execFile(command ?? program, args, options, (error, stdout, stderr) => {
      if (error === null) return done();
      const why = (stderr || stdout).trim().split('\n').slice(-3).join(' ');
      reject(
        new EmbeddedProblem(
          `PostgreSQL's data in ${server.dir} cannot be prepared: ${why || error.message}.`,
          'Remove that folder and start again.',
          error,
        ),
      );
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
