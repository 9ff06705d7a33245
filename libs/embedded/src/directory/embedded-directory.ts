import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { startChild, type ChildExit, type ManagedChild } from '../child/managed-child.js';
import { freePort, requireFreePort } from '../child/ports.js';
import { waitUntil } from '../child/wait-until.js';
import { EmbeddedProblem } from '../embedded-problem.js';
import { findJavaTools, OLDEST_JAVA } from '../java/java-tools.js';
import { mavenArtifacts } from '../java/maven-artifacts.js';
import { cacheRoot, libraryRoot } from '../workspace.js';

const UNBOUNDID_VERSION = '7.0.3';
const MOST_ATTEMPTS = 3;
/** A hundred thousand entries take half a minute. A process that fails is noticed at once. */
const START_TIMEOUT_MS = 180_000;

export interface DirectoryOptions {
  /** Port on 127.0.0.1; a free one where absent. */
  readonly port?: number;
  readonly baseDn: string;
  /** Everything of this directory lies here; a second start continues with the same entries and UUIDs. */
  readonly dataDir: string;
  /** Entries of the first start, as an LDIF file; `entryUUID`s in it are kept. */
  readonly ldif?: string;
  /** Length of `cn=changelog`; 100,000 unless given. */
  readonly maxChangeLogEntries?: number;
  /** Largest answer of one search, in entries; no limit where absent. */
  readonly maxSizeLimit?: number;
  /**
   * Members and managers follow renames and deletions, which the change log does not tell. Off unless given: this server looks at
   * every value of every entry for it, so that a rename takes a second with a thousand people.
   */
  readonly referentialIntegrity?: boolean;
  /** Most heap of the Java process, in MiB; 1,024 unless given. An entry of 20 attributes takes about 25 KiB. */
  readonly heapMb?: number;
  /** Off: the entries live only as long as the process, and many of them cost no time for being saved. On unless given. */
  readonly saved?: boolean;
  /** Class path with the UnboundID LDAP SDK for Java; downloaded by Maven where absent. */
  readonly classPath?: string;
  /** Password of `bindDn`; where absent, one that is made at the first start and kept beside the data. */
  readonly password?: string;
}

export interface EmbeddedDirectory {
  readonly url: string;
  readonly port: number;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly password: string;
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  /** Saves the entries and ends the process. */
  stop(): Promise<void>;
}

/** The directory server's jar, downloaded by Maven at the first call. */
export const directoryArtifacts = (): Promise<string> =>
  mavenArtifacts({
    name: `the UnboundID LDAP SDK ${UNBOUNDID_VERSION}`,
    pom: join(libraryRoot, 'directory', 'pom.xml'),
    dir: join(cacheRoot(), `unboundid-${UNBOUNDID_VERSION}`),
  });

/**
 * A real LDAP directory with a change log on the loopback interface, as a child process: UnboundID's in-memory server, whose entries
 * are saved every five seconds and at the end, unless told otherwise. The administrator is `cn=Directory Manager`.
 *
 * @throws EmbeddedProblem
 */
export async function startDirectory(o: DirectoryOptions): Promise<EmbeddedDirectory> {
  if (o.port !== undefined) return launch(o, await requireFreePort(o.port, 'the directory'));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(o, await freePort());
    } catch (error) {
      // Somebody else may have taken the port between the choice and the start.
      if (attempt === MOST_ATTEMPTS || !portTaken(error)) throw error;
    }
  }
}

const portTaken = (error: unknown): boolean =>
  error instanceof EmbeddedProblem && error.advice.includes('Address already in use');

async function launch(o: DirectoryOptions, port: number): Promise<EmbeddedDirectory> {
  const dataDir = resolve(o.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const { java } = await findJavaTools();
  if (java === undefined)
    throw new EmbeddedProblem(`Java ${OLDEST_JAVA} or later is missing.`, 'Install a JDK, or set JAVA_HOME.');
  const classPath = o.classPath ?? join(await directoryArtifacts(), '*');
  const password = o.password ?? keptPassword(dataDir);

  const child = await startChild({
    name: 'The directory',
    command: java.command,
    args: [
      `-Xmx${o.heapMb ?? 1_024}m`,
      '-Djava.awt.headless=true',
      '-cp',
      classPath,
      program(),
      ...programArguments(o, { dataDir, port }),
    ],
    dir: dataDir,
    logFile: join(dataDir, 'directory.log'),
    env: { ...process.env, DIRECTORY_PASSWORD: password },
  });
  await untilReady(child, port);
  return {
    url: `ldap://127.0.0.1:${port}`,
    port,
    baseDn: o.baseDn,
    bindDn: 'cn=Directory Manager',
    password,
    pid: child.pid,
    exited: child.exited,
    stop: () => child.stop(),
  };
}

const program = (): string => join(libraryRoot, 'src', 'directory', 'Directory.java');

function programArguments(o: DirectoryOptions, at: { dataDir: string; port: number }): string[] {
  return [
    ...['--port', String(at.port), '--base-dn', o.baseDn, '--data-dir', at.dataDir],
    ...['--max-change-log-entries', String(o.maxChangeLogEntries ?? 100_000)],
    ...(o.ldif === undefined ? [] : ['--ldif', resolve(o.ldif)]),
    ...(o.referentialIntegrity === true ? ['--referential-integrity', 'true'] : []),
    ...(o.saved === false ? ['--saved', 'false'] : []),
    ...(o.maxSizeLimit === undefined ? [] : ['--max-size-limit', String(o.maxSizeLimit)]),
  ];
}

function keptPassword(dataDir: string): string {
  const file = join(dataDir, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

/** The program listens only when its entries are loaded. */
async function untilReady(child: ManagedChild, port: number): Promise<void> {
  const ready = await waitUntil(async () => !child.running() || (await accepts(port)), { timeoutMs: START_TIMEOUT_MS });
  if (ready && child.running()) return;
  const last = child.tail();
  await child.stop();
  throw new EmbeddedProblem('The directory did not start.', `Its last words: ${last}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}
