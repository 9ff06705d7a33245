import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

/** A process as the apps' main.ts makes it, from the built library. */
const script = (body: string): string => `
  import { commonConfig, defineConfig, runService } from '${new URL('../dist/index.js', import.meta.url).href}';
  const config = defineConfig({ httpPort: commonConfig.httpPort, httpHost: commonConfig.httpHost });
  const running = { health: async () => ({ live: true, ready: true, details: {} }), stop: async () => console.log('drained') };
  runService({ name: 'trial', config, start: async (context) => { ${body} } });
`;

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly code: Promise<number | null>;
}
const children: ChildProcess[] = [];
const run = (body: string, env: Record<string, string> = {}): Run => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script(body)], {
    env: { ...process.env, HTTP_PORT: '0', HTTP_HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  return { child, lines, code: once(child, 'close').then(([code]) => code as number | null) };
};
const running = (lines: string[]): Promise<void> =>
  expect.poll(() => lines.join('\n'), { timeout: 15_000 }).toContain('Service is running');

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('runService', () => {
  it('drains at SIGTERM and exits with 0', async () => {
    const { child, lines, code } = run('return running;');
    await running(lines);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    expect(lines.join('\n')).toMatch(/Stopping[\s\S]*drained[\s\S]*Stopped/);
  });

  it('leaves at once at the second signal', async () => {
    const { child, lines, code } = run('return { ...running, stop: () => new Promise(() => undefined) };');
    await running(lines);
    child.kill('SIGTERM');
    await expect.poll(() => lines.join('\n')).toContain('Stopping');
    child.kill('SIGTERM');
    expect(await code).toBe(130);
  });

  it('ends with 1 and one clear sentence when it cannot start', async () => {
    const { lines, code } = run("throw new Error('PostgreSQL at db/provisor rejects the user.');");
    expect(await code).toBe(1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      level: 'error',
      msg: 'The service cannot start: PostgreSQL at db/provisor rejects the user.',
    });
  });

  it('ends with 1 and every bad variable when the environment does not fit', async () => {
    const { lines, code } = run('return running;', { HTTP_PORT: 'many' });
    expect(await code).toBe(1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ problems: ['HTTP_PORT is "many" but must be: a port number'] });
  });

  it('stops and ends with 1 when the service fails', async () => {
    const { lines, code } = run("setImmediate(() => context.fail(new Error('gone'))); return running;");
    expect(await code).toBe(1);
    expect(lines.join('\n')).toContain('drained');
  });

  it.each([
    ['an exception that nobody catches', "setImmediate(() => { throw new Error('bug'); }); return running;"],
    ['a rejection that nobody handles', "setImmediate(() => Promise.reject(new Error('bug'))); return running;"],
  ])('logs %s and ends with 1', async (_what, body) => {
    const { lines, code } = run(body);
    expect(await code).toBe(1);
    expect(lines.join('\n')).toContain('"message":"bug"');
  });
});
