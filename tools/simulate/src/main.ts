import { readArguments, HELP, type SimulateArguments } from './arguments.js';
import { makePlan } from './plan/make-plan.js';
import { failure, summary } from './report.js';
import { runPlan } from './run/run-plan.js';
import { runSeeds } from './run/run-seeds.js';
import { shrink } from './run/shrink.js';

const PROGRESS_MS = 10_000;
/** With more failing seeds it is no use to go on. */
const MOST_FAILING = 50;
/** Failing seeds that are told of one by one. */
const MOST_SHOWN = 20;
/** Failing seeds that are looked into more closely. */
const MOST_SHRUNK = 3;

async function main(): Promise<number> {
  let options: SimulateArguments;
  try {
    options = readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.trace) await runPlan(makePlan(options.seed), (line) => process.stdout.write(`${line}\n`));
  const startedAt = performance.now();
  const totals = await runSeeds(options, progress(options, startedAt));
  const tookMs = performance.now() - startedAt;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ ...totals, tookMs: Math.round(tookMs) }, undefined, 2)}\n`);
  else {
    for (const [index, report] of totals.failing.slice(0, MOST_SHOWN).entries()) {
      const shrunk = options.shrink && index < MOST_SHRUNK ? await shrink(report, makePlan(report.seed)) : undefined;
      process.stdout.write(`${failure(report, shrunk)}\n`);
    }
    process.stdout.write(`${summary(totals, tookMs)}\n`);
  }
  return totals.failing.length === 0 ? 0 : 1;
}

function progress({ seeds, json }: SimulateArguments, startedAt: number) {
  let shownAt = startedAt;
  return (totals: { seeds: number; failing: readonly unknown[] }): boolean => {
    const goesOn = totals.failing.length < MOST_FAILING;
    const now = performance.now();
    if (json || now - shownAt < PROGRESS_MS) return goesOn;
    shownAt = now;
    const left = ((now - startedAt) / totals.seeds) * (seeds - totals.seeds);
    process.stderr.write(
      `${totals.seeds} of ${seeds} seeds, ${totals.failing.length} failed, ${Math.ceil(left / 1000)} s left\n`,
    );
    return goesOn;
  };
}

process.exitCode = await main();
