import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@provisor/telemetry';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../child/process-identity.js';
import { waitUntil } from '../child/wait-until.js';
import { startPostgres, type EmbeddedPostgres } from './start-postgres.js';

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'provisor-postgres-'))));
afterAll(() => rmSync(dir, { recursive: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Ends the server alone: a session that is busy outlives it, until its statement is done. */
async function killWhileBusy(server: EmbeddedPostgres): Promise<void> {
  const session = new pg.Client({ connectionString: server.url() });
  session.on('error', () => undefined);
  await session.connect();
  session.query('SELECT count(*) FROM generate_series(1, 10000000)').catch(() => undefined);
  const sessions = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1%' AND pid <> pg_backend_pid()`;
  const isBusy = async (): Promise<boolean> => (await query(server.url(), sessions)).length > 0;
  expect(await waitUntil(isBusy, { timeoutMs: 5000 })).toBe(true);
  process.kill(server.pid, 'SIGKILL');
  await server.exited;
  expect(await waitUntil(() => identify(server.pid) === undefined, { timeoutMs: 5000 })).toBe(true);
}

test('starts, asks for the password, and recovers after being killed', async () => {
  const first = await startPostgres({ dir, log: silentLogger });
  await query(first.url(), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await expect(query(first.url().replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
  expect(statSync(join(dir, 'password')).mode & 0o777).toBe(0o600);

  await killWhileBusy(first);
  const again = await startPostgres({ dir, log: silentLogger });
  await killWhileBusy(again);
  const second = await startPostgres({ dir, databases: ['provisor', 'another'], log: silentLogger });
  expect(await query(second.url(), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  expect(await query(second.url('another'), 'SELECT current_database() AS name')).toEqual([{ name: 'another' }]);
  await second.stop();
});
