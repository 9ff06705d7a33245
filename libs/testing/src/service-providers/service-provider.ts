import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** An independent SCIM service provider in a process of its own, on the loopback interface. */
export interface ServiceProvider {
  readonly baseUrl: string;
  readonly port: number;
  readonly pid: number;
  /** The bearer token of each tenant: the token decides which isolated tenant is meant. */
  readonly tokens: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface StartOptions {
  /** Name of the script beside this file, without its extension. */
  readonly script: string;
  /** For error messages. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tokens: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;
const STOP_MS = 5_000;
const MAX_ERROR_TEXT = 4_000;

/**
 * Starts a script and waits for its ready line, `{"baseUrl":…,"port":…}`, on standard output. The settings travel in the
 * environment, because a command line is open to everybody. Throws with the end of its error output if it does not get ready.
 */
export async function startServiceProvider(options: StartOptions): Promise<ServiceProvider> {
  // Run from the sources, Node strips the types; run from dist, there are none.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./${options.script}.${extension}`, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NODE_OPTIONS: '',
      SERVICE_PROVIDER: JSON.stringify(options.settings),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { baseUrl, port } = await readyLine(child, options.name);
  return { baseUrl, port, pid: child.pid ?? 0, tokens: options.tokens, stop: () => stop(child) };
}

async function readyLine(child: ChildProcess, name: string): Promise<{ baseUrl: string; port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ baseUrl: string; port: number }>();
  let [output, errors] = ['', ''];
  const fail = (why: string) => reject(new Error(`${name} ${why}. ${errors.slice(-MAX_ERROR_TEXT)}`));
  const timer = setTimeout(() => fail(`was not ready after ${READY_MS} ms`), READY_MS);
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + String(chunk)).slice(-MAX_ERROR_TEXT)));
  child.stdout?.on('data', (chunk: Buffer) => {
    output += String(chunk);
    const line = output.split('\n').find((candidate) => candidate.startsWith('{"baseUrl"'));
    if (line?.endsWith('}')) resolve(JSON.parse(line) as { baseUrl: string; port: number });
  });
  child.once('error', (error) => fail(`could not be started: ${error.message}`));
  child.once('exit', (code) => fail(`ended with ${code} before it was ready`));
  try {
    return await promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await promise;
  clearTimeout(timer);
}
