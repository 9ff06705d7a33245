import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seconds, type Screen } from '@provisor/demo';
import { inWords } from '@provisor/embedded';
import { measureCeilings } from '../ceilings/ceilings.js';
import { describeMachine, loadInWords, loadNow, LoadWatch } from '../machine/machine.js';
import { benchmarkTable, figureLines } from '../report/table.js';
import type { BenchmarkReport, RunReport } from '../report/run-report.js';
import { BROKER_HEAP_MB, startInfrastructure } from '../rig/infrastructure.js';
import { SERVICE_HEAP_MB } from '../rig/rig.js';
import type { Benchmark, BenchContext, Form } from './benchmark.js';

export interface SuiteOptions {
  readonly benchmarks: readonly Benchmark[];
  readonly form: Form;
  readonly seed: string;
  /** Everything of the benchmarks lies here. */
  readonly dir: string;
  readonly profile: boolean;
  readonly screen: Screen;
  /** For the report: what a person would type. */
  readonly command: string;
}

export interface FinishedRun {
  readonly report: RunReport;
  readonly jsonFile: string;
}

/** Runs benchmarks one after the other; one that fails does not keep the others from running. The report is on disk after each. */
export async function runSuite(o: SuiteOptions): Promise<FinishedRun> {
  const { screen, form, seed, dir } = o;
  const startedAt = new Date();
  const results = join(dir, 'results', startedAt.toISOString().replaceAll(/[:.]/g, '-'));
  mkdirSync(results, { recursive: true });
  const loadAtStart = await loadNow();
  screen.line(`  ${loadAtStart.worthless ? screen.bad(loadInWords(loadAtStart)) : loadInWords(loadAtStart)}`);
  const infrastructure = await screen.step('Broker and database', () => startInfrastructure(dir));
  try {
    const ceilings = await measureCeilings(infrastructure, form, screen);
    for (const line of figureLines(ceilings.figures)) screen.line(line);
    const context: BenchContext = { infrastructure, form, seed, screen, dir: results, ceilings, profile: o.profile };
    let report: RunReport = {
      startedAt: startedAt.toISOString(),
      ...{ form, seed, loadAtStart, command: o.command, profiled: o.profile },
      machine: describeMachine(),
      versions: infrastructure.versions,
      settings: { 'broker heap MiB': BROKER_HEAP_MB, 'service heap MiB': SERVICE_HEAP_MB, fsync: 'on', acks: 'all' },
      ceilings: ceilings.figures,
      benchmarks: [],
    };
    const jsonFile = join(results, 'report.json');
    for (const benchmark of o.benchmarks) {
      report = { ...report, benchmarks: [...report.benchmarks, await runOne(benchmark, context)] };
      writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    }
    return { report, jsonFile };
  } finally {
    rmSync(join(dir, 'rigs'), { recursive: true, force: true });
    await infrastructure.stop();
  }
}

async function runOne(benchmark: Benchmark, context: BenchContext): Promise<BenchmarkReport> {
  const { id, title, goal } = benchmark;
  context.screen.heading(`${id} ${title}`);
  const watch = new LoadWatch();
  const began = performance.now();
  const ended = () => ({ id, title, goal, seconds: (performance.now() - began) / 1000, load: watch.end() });
  let report: BenchmarkReport;
  try {
    const outcome = await benchmark.run(context);
    report = { ...ended(), outcome };
  } catch (error) {
    report = { ...ended(), failure: inWords(error) };
  }
  context.screen.line(benchmarkTable(report));
  if (report.load.worthless) context.screen.line(`  ${context.screen.bad(loadInWords(report.load))}`);
  context.screen.line(`  took ${seconds(report.seconds * 1000)}`);
  return report;
}
