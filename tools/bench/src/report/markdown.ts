import type { Figure } from '../suite/benchmark.js';
import { loadInWords } from '../machine/machine.js';
import { formatNumber, formatRepeated } from './format.js';
import { verdictOf, type BenchmarkReport, type RunReport } from './run-report.js';

/** The page of runs that have different benchmarks. */
export function toMarkdown(runs: readonly RunReport[]): string {
  const benchmarks = runs
    .flatMap((run, index) => run.benchmarks.map((report) => ({ report, label: labelOf(runs, index) })))
    .sort((a, b) => numberOf(a.report) - numberOf(b.report));
  return `${[
    '# Benchmarks',
    `This page is written by \`npm run bench -- NAME… --publish\`; edit the command, not the page.`,
    conditions(runs),
    summary(benchmarks.map(({ report }) => report)),
    '## Ceilings of the machine\n\nMeasured in the same run, before anything of Provisor: what undici, Kafka, PostgreSQL, the disk and the mapping alone can do.',
    ceilings(runs),
    ...benchmarks.map(({ report, label }) => section(report, label)),
    HOW,
  ].join('\n\n')}\n`;
}

/** Where there is one run only, nobody has to tell it from others. */
const labelOf = (runs: readonly RunReport[], index: number): string => (runs.length > 1 ? `run ${index + 1}` : '');

const numberOf = ({ id }: BenchmarkReport): number => Number(id.slice(1));

const HOW = `## How it is measured

- Services, directory, service provider, broker and database are processes of their own on one machine; what they talk over is the loopback interface.
- Everything is durable: \`acks=all\`, idempotent producers, fsync and synchronous commit on, offsets committed after the outcome is stored.
- The service provider keeps a ledger of every request. Each benchmark ends with a check of it: an account made twice, a lost change or a wrong order makes the run a failed one, however fast it was.
- What is compared runs in turns in the same run; a figure with a range is the median and the range of its repetitions. Ratios carry over to other machines, absolute figures do not.
- Latency is measured with an open loop: changes arrive by a seeded Poisson schedule whether or not earlier ones are finished, and count from the moment at which they were due. Percentiles are exact.`;

function conditions(runs: readonly RunReport[]): string {
  const row = (name: string, of: (run: RunReport) => string): string[] => [name, ...runs.map(of)];
  return table(
    ['', ...runs.map((_, index) => labelOf(runs, index))],
    [
      row('command', ({ command }) => `\`${command}\``),
      row('measured', ({ startedAt }) => startedAt),
      row('form', ({ form }) => form),
      row('seed', ({ seed }) => seed),
      row('machine', ({ machine: { cores, processor, memoryGib, system } }) =>
        [`${cores} cores (${processor})`, `${memoryGib} GiB`, system].join(', '),
      ),
      row('versions', ({ machine, versions }) => [`Node.js ${machine.node.slice(1)}`, ...pairs(versions)].join(', ')),
      row('settings', ({ settings }) => pairs(settings).join(', ')),
      row('load at the start', ({ loadAtStart }) => loadInWords(loadAtStart)),
      ...(runs.some(({ profiled }) => profiled)
        ? [row('profiled', ({ profiled }) => (profiled ? 'yes: the figures are not for comparing' : 'no'))]
        : []),
    ],
  );
}

const pairs = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([name, value]) => `${name} ${value}`);

function ceilings(runs: readonly RunReport[]): string {
  const figures = new Map(runs.flatMap((run) => run.ceilings.map(({ name, unit }) => [name, unit] as const)));
  const measured = (run: RunReport, name: string): string => {
    const found = run.ceilings.find((figure) => figure.name === name);
    return found === undefined ? '–' : formatRepeated(found.value);
  };
  return table(
    ['', ...runs.map((_, index) => labelOf(runs, index) || 'measured'), 'unit'],
    [...figures].map(([name, unit]) => [name, ...runs.map((run) => measured(run, name)), unit]),
  );
}

function summary(benchmarks: readonly BenchmarkReport[]): string {
  const rows = benchmarks.flatMap((report) => {
    const name = `[${report.id} ${report.title}](#${anchor(report)})`;
    const goals = report.outcome?.goals ?? [];
    if (goals.length === 0) return [[name, report.goal, '–', verdictOf(report)]];
    return goals.map((goal, index) => [
      index === 0 ? name : '',
      `${goal.name} ${goal.wanted}`,
      formatNumber(goal.measured),
      goal.met ? 'met' : '**missed**',
    ]);
  });
  return table(['benchmark', 'goal', 'measured', ''], rows);
}

const anchor = ({ id, title }: BenchmarkReport): string =>
  `${id} ${title}`
    .toLowerCase()
    .replaceAll(/[^\w ]/g, '')
    .replaceAll(' ', '-');

function section(report: BenchmarkReport, run: string): string {
  const { id, title, outcome, failure, load, seconds } = report;
  const parts = [`## ${id} ${title}`];
  if (failure !== undefined) parts.push(`It failed: ${failure.split('\n')[0]}`);
  if (outcome !== undefined) {
    const within = run === '' ? '' : `, in ${run}`;
    parts.push(
      `Sizes and settings: ${pairs(outcome.settings).join(', ')}. Took ${Math.round(seconds)} s${within}.`,
      figureTable(outcome.figures),
    );
    if (outcome.violations.length > 0)
      parts.push(`**Broken promises: ${outcome.violations.length}.** ${outcome.violations.slice(0, 3).join('; ')}`);
    parts.push(outcome.notes.map((note) => `- ${note}`).join('\n'));
  }
  if (load.worthless) parts.push(`**${loadInWords(load)}**`);
  return parts.filter((part) => part !== '').join('\n\n');
}

const figureTable = (figures: readonly Figure[]): string =>
  table(
    ['', 'measured', 'unit'],
    figures.map(({ name, unit, value }) => [name, formatRepeated(value), unit]),
  );

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
