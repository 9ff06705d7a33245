import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedProblem } from '../embedded-problem.js';
import { startChild, type ManagedChild } from './managed-child.js';
import { identify, isAlive } from './process-identity.js';
import { holdFolder } from './run-lock.js';
import { waitUntil } from './wait-until.js';

const SOON = { timeoutMs: 15_000 };
let dir: string;
const children: ManagedChild[] = [];

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'provisor-child-'))));
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  rmSync(dir, { recursive: true });
});

async function node(script: string, graceMs = 5000): Promise<ManagedChild> {
  const child = await startChild({
    name: 'The test process',
    command: process.execPath,
    args: ['-e', script],
    dir,
    logFile: join(dir, 'log'),
    graceMs,
  });
  children.push(child);
  return child;
}

const HANGS = `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000);`;

test('stops in an orderly way, with its output kept', async () => {
  const child = await node(
    `process.on('SIGTERM', () => { console.log('bye'); process.exit(3); }); console.log('up'); setInterval(() => {}, 1000);`,
  );
  expect(await waitUntil(() => child.tail() === 'up', SOON)).toBe(true);
  await child.stop();
  expect(child.running()).toBe(false);
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.tail()).toBe('up\nbye');
});

test('is killed when it does not stop within the grace period', async () => {
  const child = await node(HANGS, 200);
  expect(await waitUntil(() => child.tail() === 'up', SOON)).toBe(true);
  await child.stop();
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a program that is not there gives a sentence', async () => {
  const start = startChild({
    name: 'Nothing',
    command: join(dir, 'nothing'),
    args: [],
    dir,
    logFile: join(dir, 'log'),
  });
  await expect(start).rejects.toThrow(/^Nothing cannot be started: .*ENOENT/);
});

test('ends when its parent is killed', async () => {
  const script = `
    import { startChild } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const child = await startChild({ name: 'c', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], dir: ${JSON.stringify(dir)}, logFile: ${JSON.stringify(join(dir, 'log'))} });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
  const child = identify(pid);
  expect(child).toBeDefined();
  parent.kill('SIGKILL');
  expect(await waitUntil(() => child === undefined || !isAlive(child), SOON)).toBe(true);
});

test('what an earlier run left behind is ended at the next start', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = identify(orphan.pid ?? -1);
  const gone = { pid: 2 ** 22 + 1, startedAt: 'never' };
  writeFileSync(join(dir, 'running.json'), JSON.stringify({ owner: gone, child: identity }));
  await node(HANGS, 100);
  expect(identity !== undefined && isAlive(identity)).toBe(false);
});

test('a process number that was given to another process since is left alone', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const child = { pid: other.pid, startedAt: 'another time' };
  writeFileSync(join(dir, 'running.json'), JSON.stringify({ owner: child, child }));
  await node(HANGS, 100);
  expect(other.exitCode ?? other.signalCode).toBeNull();
  other.kill('SIGKILL');
});

test('a folder in use by a living process is refused in words', async () => {
  const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = identify(owner.pid ?? -1);
  writeFileSync(join(dir, 'running.json'), JSON.stringify({ owner: identity, child: identity }));
  const refused = node(HANGS);
  await expect(refused).rejects.toThrow(EmbeddedProblem);
  await expect(refused).rejects.toThrow(`The test process in ${dir} is in use by process ${owner.pid}.`);
  owner.kill('SIGKILL');
});

test('a folder can be held, and is free again afterwards', async () => {
  const release = await holdFolder(dir, 'A test');
  expect(JSON.parse(readFileSync(join(dir, 'running.json'), 'utf8'))).toMatchObject({ owner: { pid: process.pid } });
  release();
  await expect(holdFolder(dir, 'A test')).resolves.toBeTypeOf('function');
});
