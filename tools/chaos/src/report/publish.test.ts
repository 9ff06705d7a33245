import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publish } from './publish.js';
import type { Row } from './rows.js';

const row = (o: Partial<Row>): Row => ({
  version: '1.0.0',
  fault: 'F3',
  title: 'a fault',
  injections: 1,
  operations: 100,
  violations: 0,
  recoveriesMs: [2000],
  seeds: ['a'],
  ...o,
});

test('rows of one version grow together, those of another stay beside, and other text stays', async () => {
  const root = mkdtempSync(join(tmpdir(), 'publish-'));
  mkdirSync(join(root, 'docs'));
  await publish(root, [row({}), row({ fault: 'F18', recoveriesMs: [100] })]);
  await publish(root, [row({ recoveriesMs: [4000], seeds: ['b'] })]);
  const page = await publish(root, [row({ version: '1.1.0' })]);
  const lines = readFileSync(page, 'utf8').split('\n');
  const cells = lines.filter((line) => /^\| F/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));
  expect(cells.map((found) => [found[1], found[3], found[4], found[5], found[7], found[8], found[9]])).toEqual([
    ['F3', '1.0.0', '2', '200', '2.0 s', '4.0 s', 'a b'],
    ['F3', '1.1.0', '1', '100', '2.0 s', '2.0 s', 'a'],
    ['F18', '1.0.0', '1', '100', '0.1 s', '0.1 s', 'a'],
  ]);
  expect(lines.filter((line) => line.startsWith('# '))).toHaveLength(1);
  rmSync(root, { recursive: true });
});
