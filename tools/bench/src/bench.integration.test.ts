import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Screen } from '@provisor/demo';
import { afterAll, expect, test } from 'vitest';
import { b1InitialLoad } from './benchmarks/b1-initial-load.js';
import { b5HotGroup } from './benchmarks/b5-hot-group.js';
import { toMarkdown } from './report/markdown.js';
import type { RunReport } from './report/run-report.js';
import { runSuite } from './suite/run-suite.js';

const dir = mkdtempSync(join(tmpdir(), 'provisor-bench-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// Whether goals are met is not looked at: a shared machine decides that.
test('benchmarks of a whole installation and of the dispatcher alone come to an end with a table and a report', async () => {
  const out = new PassThrough();
  let text = '';
  out.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { report, jsonFile } = await runSuite({
    benchmarks: [b1InitialLoad, b5HotGroup],
    form: 'smoke',
    seed: '1',
    dir,
    profile: false,
    screen: new Screen(out as unknown as NodeJS.WriteStream),
    command: 'npm run bench -- B1 B5',
  });

  expect(report.benchmarks.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(report.benchmarks.map(({ outcome }) => outcome?.violations)).toEqual([[], []]);
  expect(JSON.parse(readFileSync(jsonFile, 'utf8')) as RunReport).toEqual(JSON.parse(JSON.stringify(report)));
  const figures = new Map(report.benchmarks[0]?.outcome?.figures.map(({ name, value }) => [name, value.median]));
  expect(figures.get('Provisor')).toBeGreaterThan(0);
  expect(figures.get('script, no state')).toBeGreaterThan(0);
  expect(text).toContain('B1 Initial load');
  expect(text).toContain('C3 PostgreSQL upsert');
  const page = toMarkdown([report]);
  expect(page).toContain('| [B1 Initial load](#b1-initial-load) |');
  expect(page).toContain('## B5 Hot group');
}, 240_000);
