import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import type { Form } from '../suite/benchmark.js';
import { toMarkdown } from './markdown.js';
import type { RunReport } from './run-report.js';

/** The runs that a published page shows: of each benchmark the newest, beside the conditions that it was measured under. */
export function withRun(published: readonly RunReport[], run: RunReport): RunReport[] {
  const again = new Set(run.benchmarks.map(({ id }) => id));
  const left = published.map((one) => ({ ...one, benchmarks: one.benchmarks.filter(({ id }) => !again.has(id)) }));
  return [...left.filter(({ benchmarks }) => benchmarks.length > 0), run];
}

/** Puts a run into the page of its form, docs/benchmarks.md or docs/benchmarks-full.md, and into the JSON beside it. Answers the page. */
export async function publish(run: RunReport, docs: string): Promise<string> {
  const name = `${docs}/${pageOf(run.form)}`;
  const runs = withRun(
    existsSync(`${name}.json`) ? (JSON.parse(readFileSync(`${name}.json`, 'utf8')) as RunReport[]) : [],
    run,
  );
  writeFileSync(`${name}.json`, await formatted(JSON.stringify(runs), `${name}.json`));
  writeFileSync(`${name}.md`, await pageFor(runs, `${name}.md`));
  return `${name}.md`;
}

const pageOf = (form: Form): string => (form === 'full' ? 'benchmarks-full' : 'benchmarks');

/** The page of runs. `file` says as which file it is formatted. */
export const pageFor = (runs: readonly RunReport[], file: string): Promise<string> => formatted(toMarkdown(runs), file);

/** As the formatter wants it, so that it passes the check of formats. */
const formatted = async (text: string, file: string): Promise<string> =>
  format(text, { ...(await resolveConfig(file)), filepath: file });
