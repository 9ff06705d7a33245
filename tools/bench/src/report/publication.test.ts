import { expect, test } from 'vitest';
import { figure } from '../suite/measured.js';
import { toMarkdown } from './markdown.js';
import { withRun } from './publication.js';
import type { BenchmarkReport, RunReport } from './run-report.js';

const load: BenchmarkReport['load'] = { others: 0, loadAverage: 1, worthless: false };

const run = (startedAt: string, ids: readonly string[], rate: number): RunReport => ({
  startedAt,
  form: 'quick',
  seed: '1',
  command: `npm run bench -- ${ids.join(' ')} --quick`,
  machine: { cores: 2, processor: 'a processor', memoryGib: 24, system: 'Linux', node: 'v24.0.0' },
  versions: { kafka: '4.3.1' },
  settings: { fsync: 'on' },
  loadAtStart: load,
  profiled: false,
  ceilings: [figure('requests alone', 'requests/s', rate)],
  benchmarks: ids.map((id) => ({
    ...{ id, title: `Title ${id}`, goal: 'fast', seconds: 3, load },
    outcome: {
      figures: [figure('rate', 'users/s', rate)],
      goals: [],
      settings: { users: 5 },
      violations: [],
      notes: [],
    },
  })),
});

test('a run replaces what it measured again, and leaves the rest under the conditions of its own run', () => {
  const first = run('2026-01-01', ['B1', 'B2', 'B10'], 111);
  const second = run('2026-01-02', ['B2'], 222);
  const published = withRun(withRun([], first), second);
  expect(published.map(({ startedAt, benchmarks }) => [startedAt, benchmarks.map(({ id }) => id)])).toEqual([
    ['2026-01-01', ['B1', 'B10']],
    ['2026-01-02', ['B2']],
  ]);
  expect(withRun(published, run('2026-01-03', ['B1', 'B2', 'B10'], 333))).toHaveLength(1);
});

test('a page of several runs says of each benchmark which run it is from, and has them in order', () => {
  const page = toMarkdown([run('2026-01-01', ['B1', 'B10'], 111), run('2026-01-02', ['B2'], 222)]);
  expect([...page.matchAll(/^## (B\d+)/gm)].map(([, id]) => id)).toEqual(['B1', 'B2', 'B10']);
  expect(page).toContain('| command | `npm run bench -- B1 B10 --quick` | `npm run bench -- B2 --quick` |');
  expect(page).toContain('| requests alone | 111 | 222 | requests/s |');
  expect(page).toContain('Took 3 s, in run 2.');
  expect(toMarkdown([run('2026-01-01', ['B1'], 111)])).not.toContain('run 1');
});
