import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTurn, runCampaign } from './campaign.js';
import { inWords } from './checker/violation.js';
import { QUICK_FAULTS } from './faults/all-faults.js';

test('people come, change and go while answers are lost and services are killed: every invariant holds', async () => {
  const seed = randomBytes(4).toString('hex');
  const dir = mkdtempSync(join(tmpdir(), 'provisor-chaos-'));
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(`npm run chaos -- --quick --seed ${seed}, logs in ${dir}`);
  const results = await runCampaign({
    dir,
    seed,
    users: 60,
    perSecond: 15,
    faults: inTurn(QUICK_FAULTS, 1),
    say,
  });
  expect(results.flatMap(({ violations }) => violations).map(inWords)).toEqual([]);
  expect(results).toHaveLength(QUICK_FAULTS.length);
  rmSync(dir, { recursive: true });
}, 300_000);
