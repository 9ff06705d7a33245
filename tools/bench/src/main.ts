import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Screen } from '@provisor/demo';
import { inWords } from '@provisor/embedded';
import { commandOf, HELP, parseArguments, type BenchArguments } from './arguments.js';
import { pageFor, publish } from './report/publication.js';
import { verdictOf } from './report/run-report.js';
import { runSuite } from './suite/run-suite.js';

const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url));
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
  screen.heading(`Benchmarks ${args.benchmarks.map(({ id }) => id).join(', ')} (${args.form})`);
  const { report, jsonFile } = await runSuite({ ...args, dir: resolve(args.dir), screen, command: commandOf(args) });
  screen.heading('Summary');
  for (const one of report.benchmarks) screen.line(`  ${one.id.padEnd(4)} ${verdictOf(one).padEnd(7)} ${one.title}`);
  const markdownFile = join(dirname(jsonFile), 'report.md');
  writeFileSync(markdownFile, await pageFor([report], markdownFile));
  screen.line(`  Results: ${jsonFile} and ${markdownFile}`);
  if (args.publish) screen.line(`  Published: ${await publish(report, DOCS)}`);
  return report.benchmarks.some((one) => verdictOf(one) === 'failed') ? 1 : 0;
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
