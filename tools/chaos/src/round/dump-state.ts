import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityChanges } from '@provisor/contracts';
import { readTopics } from '../checker/accounting.js';
import type { World } from '../world/world.js';

const TABLES = [
  'dispatch.target_objects',
  'dispatch.edges',
  'dispatch.holds',
  'capture.entries',
  'capture.memberships',
  'capture.entry_references',
  'mapping.ledger',
];

/** What the services knew and said when something broke, as one JSON line for each row and record. Returns the folder. */
export async function dumpState(world: World): Promise<string> {
  const dir = join(world.options.dir, 'state');
  mkdirSync(dir, { recursive: true });
  const write = (name: string, rows: readonly unknown[]): void =>
    writeFileSync(join(dir, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row, withBigInts)}\n`).join(''));
  for (const table of TABLES) write(table, await world.view.query(`select * from ${table}`).catch(() => []));
  for (const [name, { ledger }] of world.tenants) write(`ledger.${name}`, ledger.entries);
  const changes: unknown[] = [];
  const { kafka } = world.installation;
  await kafka.readToEnd({ contract: identityChanges, handle: async (batch) => void changes.push(...batch) });
  write('identity.changes', changes);
  for (const [name, records] of Object.entries(await readTopics(kafka))) write(name, records as readonly unknown[]);
  return dir;
}

const withBigInts = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
