import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@provisor/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const STORE = `apiVersion: provisor/v1
kind: DataStore
metadata: { name: corp }
spec:
  type: ldap
  url: ldap://127.0.0.1:1
  baseDn: dc=corp,dc=example
`;

describe('standalone with a database of its own', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'provisor-standalone-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  /** Runs the program; `onOutput` may end it. Resolves with its exit code and all that it said. */
  async function run(
    config: string,
    onOutput: (output: string, interrupt: () => void) => void = () => undefined,
  ): Promise<{ code: number | null; output: string }> {
    const file = join(dir, 'config.yaml');
    writeFileSync(file, config);
    const args = [MAIN, '--data', join(dir, 'data'), '--port', String(await freePort()), '--config', file];
    const child = spawn(process.execPath, args, {
      env: {
        ...process.env,
        KAFKA_BROKERS: process.env['PROVISOR_TEST_KAFKA'],
        TOPIC_PREFIX: `test-standalone-${randomBytes(4).toString('hex')}-`,
        NODE_OPTIONS: '',
      },
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      onOutput(output, () => void child.kill('SIGINT'));
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, output };
  }

  it('names file, line and place of a mistake in the configuration, and nothing else', async () => {
    const { code, output } = await run(STORE.replace('baseDn', 'baseDN'));
    expect(code).toBe(1);
    expect(output).toMatch(/config\.yaml:7/);
    expect(output).toMatch(/baseDN/);
    expect(output).not.toMatch(/cannot go on|ended by itself|\bat .*\.js:\d/);
  });

  it('stops cleanly on Ctrl-C', async () => {
    let asked = false;
    const { code, output } = await run(STORE, (said, interrupt) => {
      if (asked || !said.includes('Ctrl-C stops it.')) return;
      asked = true;
      interrupt();
    });
    expect(output).toMatch(/Stopping…\n$/);
    expect(code).toBe(0);
  });
});
