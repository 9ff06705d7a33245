import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ownProgram } from '../rig/own-program.js';

const run = promisify(execFile);

/**
 * Runs one of our programs to its end and gives the JSON of its last line. `settings` are in its environment under `variable`.
 *
 * @throws an error with what it said
 */
export async function runProgram<T>(name: string, variable: string, settings: unknown, withinMs: number): Promise<T> {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', [variable]: JSON.stringify(settings) };
  const { stdout } = await run(process.execPath, [ownProgram(name)], {
    env,
    timeout: withinMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as T;
}
