import type { Figure } from '../suite/benchmark.js';
import { loadInWords } from '../machine/machine.js';
import { formatNumber, formatRepeated } from './format.js';
import { verdictOf, type BenchmarkReport, type RunReport } from './run-report.js';

/** The published page. */
export function toMarkdown(run: RunReport): string {
  return `${[
    '# Benchmarks',
    `This page is written by \`${run.command}\`; edit the command, not the page.`,
    conditions(run),
    summary(run),
    '## Ceilings of the machine\n\nMeasured in the same run, before anything of Provisor: what undici, Kafka, PostgreSQL, the disk and the mapping alone can do.',
    figureTable(run.ceilings),
    ...run.benchmarks.map(section),
    HOW,
  ].join('\n\n')}\n`;
}

const HOW = `## How it is measured

- Services, directory, service provider, broker and database are processes of their own on one machine; what they talk over is the loopback interface.
- Everything is durable: \`acks=all\`, idempotent producers, fsync and synchronous commit on, offsets committed after the outcome is stored.
- The service provider keeps a ledger of every request. Each benchmark ends with a check of it: an account made twice, a lost change or a wrong order makes the run a failed one, however fast it was.
- What is compared runs in turns in the same run; a figure with a range is the median and the range of its repetitions. Ratios carry over to other machines, absolute figures do not.
- Latency is measured with an open loop: changes arrive by a seeded Poisson schedule whether or not earlier ones are finished, and count from the moment at which they were due. Percentiles are exact.`;

function conditions({ machine, form, seed, startedAt, versions, settings, loadAtStart, profiled }: RunReport): string {
  const rows: string[][] = [
    ['measured', startedAt],
    ['form', form],
    ['seed', seed],
    ['machine', `${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, ${machine.system}`],
    [
      'versions',
      [
        `Node.js ${machine.node.slice(1)}`,
        ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
      ].join(', '),
    ],
    [
      'settings',
      Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ['load at the start', loadInWords(loadAtStart)],
    ...(profiled ? [['profiled', 'yes: the figures are not for comparing']] : []),
  ];
  return table(['', ''], rows);
}

function summary({ benchmarks }: RunReport): string {
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

function section(report: BenchmarkReport): string {
  const { id, title, outcome, failure, load, seconds } = report;
  const parts = [`## ${id} ${title}`];
  if (failure !== undefined) parts.push(`It failed: ${failure.split('\n')[0]}`);
  if (outcome !== undefined) {
    const settings = Object.entries(outcome.settings).map(([name, value]) => `${name} ${value}`);
    parts.push(
      `Sizes and settings: ${settings.join(', ')}. Took ${Math.round(seconds)} s.`,
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
