import { parseArgs } from 'node:util';
import { ALL_BENCHMARKS } from './benchmarks/all.js';
import type { Benchmark, Form } from './suite/benchmark.js';

export interface BenchArguments {
  readonly benchmarks: readonly Benchmark[];
  readonly form: Form;
  readonly seed: string;
  readonly profile: boolean;
  readonly publish: boolean;
  readonly dir: string;
  readonly help: boolean;
}

const DEFAULT_SEED = '1';

export const HELP = `Measures Provisor beside what else there is, on this machine, with a real broker, database and directory.

npm run bench -- NAME… | --all  [--quick|--full|--smoke] [--seed TEXT] [--publish] [--profile] [--dir DIR]

${ALL_BENCHMARKS.map(({ id, title, goal }) => `  ${id.padEnd(5)} ${title}: ${goal}`).join('\n')}

  --all        all of them
  --quick      small sizes, a minute or a few each besides starting (the default)
  --smoke      tiny sizes, which show that a benchmark works and nothing else
  --full       the sizes of the published goals, up to half an hour each
  --seed TEXT  another workload (default "${DEFAULT_SEED}")
  --publish    put the results into docs/benchmarks.md, or docs/benchmarks-full.md for the full form, and into the JSON
               beside it; the benchmarks that were not run stay there as they are
  --profile    with B1, B2, B4 and B14: CPU profiles of the services, counts of database statements, and a summary; figures are slower then
  --dir DIR    where everything lies (default .provisor/bench); the results are in results/<time>/report.json
  --help       this text

Nothing else should run meanwhile: the load of the machine is checked at the start and during each benchmark, and said.
The exit code is 0 if every benchmark came to its end without a broken promise, whether or not its goals were met.
`;

/** @throws TypeError with a sentence for a person */
export function parseArguments(args: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      seed: { type: 'string', default: DEFAULT_SEED },
      publish: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      dir: { type: 'string', default: '.provisor/bench' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const { all, quick, full, smoke, seed, publish, profile, dir, help } = values;
  if ([quick, full, smoke].filter(Boolean).length > 1) throw new TypeError('Only one of --quick, --full and --smoke.');
  if (publish && (smoke || profile)) throw new TypeError('What --smoke or --profile measures is not for publishing.');
  const benchmarks = all ? ALL_BENCHMARKS : positionals.map(benchmarkOf);
  if (benchmarks.length === 0 && !help) throw new TypeError('Name benchmarks, or --all.');
  return { benchmarks, form: full ? 'full' : smoke ? 'smoke' : 'quick', seed, publish, profile, dir, help };
}

/** What a person types to measure the same anywhere else. */
export function commandOf({ benchmarks, form, seed, publish, profile }: BenchArguments): string {
  const names = benchmarks.length === ALL_BENCHMARKS.length ? ['--all'] : benchmarks.map(({ id }) => id);
  const flags = [`--${form}`, ...(seed === DEFAULT_SEED ? [] : ['--seed', seed])];
  return ['npm run bench --', ...names, ...flags, publish ? '--publish' : '', profile ? '--profile' : '']
    .filter((word) => word !== '')
    .join(' ');
}

function benchmarkOf(name: string): Benchmark {
  const found = ALL_BENCHMARKS.find(({ id }) => id === name.toUpperCase());
  if (found !== undefined) return found;
  throw new TypeError(`There is no benchmark ${name}. There are ${ALL_BENCHMARKS.map(({ id }) => id).join(', ')}.`);
}
