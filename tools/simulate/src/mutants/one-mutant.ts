import { MUTANTS } from './mutants.js';
import { plant } from './plant.js';

/** What became of one mutant; printed as JSON. */
export interface MutantAnswer {
  readonly seeds: number;
  /** First seed that failed, and what it violated. */
  readonly caught?: { readonly seed: number; readonly invariant: string; readonly message: string };
  readonly problem?: string;
}

/** Runs in a process of its own: `<name> <seeds>`. */
async function main(): Promise<MutantAnswer> {
  const [name = '', seeds = '1'] = process.argv.slice(2);
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) return { seeds: 0, problem: `There is no mutant ${name}.` };
  plant(mutant);
  try {
    const { runSeeds } = await import('../run/run-seeds.js');
    const totals = await runSeeds({ seed: 1, seeds: Number(seeds) }, ({ failing }) => failing.length === 0);
    const [report] = totals.failing;
    const [violation] = report?.violations ?? [];
    return {
      seeds: totals.seeds,
      ...(report === undefined || violation === undefined ? {} : { caught: { seed: report.seed, ...violation } }),
    };
  } catch (error) {
    return { seeds: 0, problem: error instanceof Error ? error.message : String(error) };
  }
}

process.stdout.write(`${JSON.stringify(await main())}\n`, () => process.exit(0));
