import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Screen } from '@provisor/demo';
import { inWords } from '@provisor/embedded';
import { format, resolveConfig } from 'prettier';
import { HELP, parseArguments, type BenchArguments } from './arguments.js';
import { toMarkdown } from './report/markdown.js';
import { verdictOf, type RunReport } from './report/run-report.js';
import type { Form } from './suite/benchmark.js';
import { runSuite } from './suite/run-suite.js';

/** Where a form is published. */
const pageOf = (form: Form): string =>
  fileURLToPath(new URL(`../../../docs/${form === 'full' ? 'benchmarks-full' : 'benchmarks'}.md`, import.meta.url));
const screen = new Screen(process.stdout);

// kafkajs computes pauses that have passed already, of which Node.js would warn in the middle of the output.
process.removeAllListeners('warning');

// Every child ends with its parent, in whatever way that ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

await main();

async function main(): Promise<void> {
  const args = readArguments();
  try {
    process.exitCode = await bench(args);
  } catch (error) {
    screen.line(screen.bad(inWords(error)));
    process.exitCode = 1;
  }
  process.exit();
}

async function bench(args: BenchArguments): Promise<number> {
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  screen.heading(`Benchmarks ${args.benchmarks.map(({ id }) => id).join(', ')} (${args.form})`);
  const { report, jsonFile } = await runSuite({ ...args, dir: resolve(args.dir), screen, command });
  screen.heading('Summary');
  for (const one of report.benchmarks) screen.line(`  ${one.id.padEnd(4)} ${verdictOf(one).padEnd(7)} ${one.title}`);
  const markdown = await formatted(report);
  const markdownFile = join(jsonFile, '..', 'report.md');
  writeFileSync(markdownFile, markdown);
  screen.line(`  Results: ${jsonFile} and ${markdownFile}`);
  if (args.publish) {
    const page = pageOf(args.form);
    writeFileSync(page, markdown);
    screen.line(`  Published: ${page}`);
  }
  return report.benchmarks.some((one) => verdictOf(one) === 'failed') ? 1 : 0;
}

/** As the formatter wants it, so that a published page passes the check of formats. */
async function formatted(report: RunReport): Promise<string> {
  const config = await resolveConfig(pageOf(report.form));
  return format(toMarkdown(report), { ...config, parser: 'markdown' });
}

function readArguments(): BenchArguments {
  try {
    const args = parseArguments(process.argv.slice(2));
    if (!args.help) return args;
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(2);
  }
}
