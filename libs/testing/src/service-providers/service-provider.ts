import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, waitUntil, type ChildExit, type ManagedChild } from '@provisor/embedded';

/** An independent SCIM service provider in a process of its own, on the loopback interface. */
export interface ServiceProvider {
  readonly baseUrl: string;
  readonly port: number;
  readonly pid: number;
  /** The bearer token of each tenant: the token decides which isolated tenant is meant. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

interface StartOptions {
  /** Name of the script beside this file, without its extension. */
  readonly script: string;
  /** For error messages. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tokens: Readonly<Record<string, string>>;
  /** Folder for its log; one for each process. A temporary one unless given. */
  readonly dir?: string | undefined;
}

const READY_MS = 60_000;
const STOP_MS = 5_000;

/**
 * Starts a script and waits for its ready line, `{"baseUrl":…,"port":…}`, in its output. The settings travel in the environment,
 * because a command line is open to everybody. Throws with the end of its output if it does not get ready.
 */
export async function startServiceProvider(options: StartOptions): Promise<ServiceProvider> {
  // Run from the sources, Node strips the types; run from dist, there are none.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./${options.script}.${extension}`, import.meta.url));
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), `provisor-${options.script}-`));
  const logFile = join(dir, `${options.script}.log`);
  // The ready line of an earlier start must not be taken for this one's.
  rmSync(logFile, { force: true });
  const child = await startChild({
    name: options.name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', script],
    dir,
    logFile,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NODE_OPTIONS: '',
      SERVICE_PROVIDER: JSON.stringify(options.settings),
    },
    graceMs: STOP_MS,
  });
  await waitUntil(() => !child.running() || readyLine(child) !== undefined, { timeoutMs: READY_MS });
  const ready = readyLine(child);
  if (ready === undefined) {
    const last = child.tail(40);
    await child.stop();
    throw new Error(`${options.name} did not get ready. ${last}`);
  }
  const { pid, exited } = child;
  return { ...ready, pid, exited, tokens: options.tokens, stop: () => child.stop() };
}

function readyLine(child: ManagedChild): { baseUrl: string; port: number } | undefined {
  const line = child
    .tail(100)
    .split('\n')
    .find((candidate) => candidate.startsWith('{"baseUrl"') && candidate.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as { baseUrl: string; port: number });
}
