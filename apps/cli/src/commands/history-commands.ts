import {
  ProblemError,
  UnreachableError,
  type AdminClient,
  type ProvisioningResult,
  type Timeline,
} from '@provisor/admin-client';
import { values } from '@provisor/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { OBJECT_HINT } from '../object-id.js';
import { print } from '../output/print.js';
import { resultLine } from '../output/result-line.js';
import { timelineText } from '../output/timeline-text.js';
import { pause } from '../pause.js';
import { sinceOf } from '../since.js';

type Query = NonNullable<NonNullable<Parameters<AdminClient['listResults']>[0]>['query']>;

interface ResultOptions {
  readonly follow?: boolean;
  readonly connection?: string;
  readonly object?: string;
  readonly outcome?: NonNullable<Query['outcome']>;
  readonly since?: string;
  readonly limit: number;
}

const OUTCOMES = ['applied', 'unchanged', 'superseded', 'skipped', 'retryable', 'rejected', 'halted', 'held'] as const;

/** Commands that tell what happened. */
export const historyCommands: CommandGroup = (program, contextOf) => {
  program
    .command('results')
    .description('What became of changes, oldest first')
    .option('-f, --follow', 'go on with what arrives')
    .option('-c, --connection <name>', 'only one SP connection')
    .option('--object <id>', 'only one object')
    .option('--outcome <outcomes>', `only these, separated by commas: ${OUTCOMES.join(', ')}`, outcomesOf)
    .option('--since <when>', 'only what finished since: 2h, or 2026-01-31T08:00:00Z', sinceOf)
    .option('-n, --limit <number>', 'how many earlier results', limitOf, 20)
    .addHelpText('after', EXAMPLES.results)
    .action(async (options: ResultOptions, command: Command) => {
      const context = contextOf(command);
      if (options.follow === true) await follow(context, options);
      else await showResults(context, options);
    });

  program
    .command('timeline')
    .description('The whole story of one object at one SP connection')
    .argument('<connection>', 'name of the SP connection')
    .argument('<object>', OBJECT_HINT)
    .option('-n, --limit <number>', 'how many results at most', limitOf, 200)
    .addHelpText('after', EXAMPLES.timeline)
    .action(async (connection: string, object: string, options: { limit: number }, command: Command) => {
      const context = contextOf(command);
      const timeline: Timeline = await context.client().findTimeline({
        params: { name: connection },
        query: { label: object, limit: options.limit },
      });
      print(context.terminal, context.format, timeline, () => timelineText(timeline, context.paint));
    });
};

const filterOf = ({ connection, object, outcome }: ResultOptions) => ({
  ...(connection === undefined ? {} : { spConnection: nameOf(connection) }),
  ...(object === undefined ? {} : { objectId: object }),
  ...(outcome === undefined ? {} : { outcome }),
});

function nameOf(text: string): string {
  if (values.name.safeParse(text).success) return text;
  throw new CommandError(
    EXIT.usage,
    `"${text}" cannot be the name of an SP connection: it has lower-case letters, digits and hyphens.`,
  );
}

async function showResults(context: Context, options: ResultOptions): Promise<void> {
  const { limit, since } = options;
  const { results } = await context.client().listResults({ query: { ...filterOf(options), limit, since } });
  const ordered = [...results].reverse();
  print(context.terminal, context.format, ordered, () =>
    ordered.length === 0
      ? 'There are no such results.\n'
      : ordered.map((result) => resultLine(result, context.paint)).join(''),
  );
}

/** Longest and first pause before a lost connection is tried again. */
const PATIENCE_MS = { first: 500, longest: 10_000 };

/** Follows until interrupted; a server that is away for a while is waited for, because the cursor loses nothing. */
async function follow(context: Context, options: ResultOptions): Promise<void> {
  const { terminal } = context;
  const filter = filterOf(options);
  const client = context.client();
  let { results, cursor } = await client.followResults({ query: { ...filter, tail: options.limit } });
  let wait = PATIENCE_MS.first;
  for (;;) {
    for (const result of results) terminal.out(resultText(context, result));
    if (terminal.interrupted.aborted) return;
    try {
      ({ results, cursor } = await client.followResults(
        { query: { ...filter, cursor, waitSeconds: 25 } },
        { signal: terminal.interrupted, timeoutMs: 40_000 },
      ));
      wait = PATIENCE_MS.first;
    } catch (error) {
      if (terminal.interrupted.aborted) return;
      if (!passes(error)) throw error;
      terminal.err(`${(error as Error).message} Trying again.\n`);
      results = [];
      await pause(wait, terminal.interrupted);
      wait = Math.min(wait * 2, PATIENCE_MS.longest);
    }
  }
}

const passes = (error: unknown) =>
  error instanceof UnreachableError || (error instanceof ProblemError && [429, 502, 503, 504].includes(error.status));

/** With -o json one object per line, so that other programs can read it as it comes. */
function resultText({ format, paint }: Context, result: ProvisioningResult): string {
  return format === 'table' ? resultLine(result, paint) : `${JSON.stringify(result)}\n`;
}

function outcomesOf(text: string): ResultOptions['outcome'] {
  const given = text.split(',').map((item) => item.trim());
  const wrong = given.find((item) => !OUTCOMES.some((outcome) => outcome === item));
  if (wrong !== undefined) throw new InvalidArgumentError(`There is no outcome "${wrong}".`);
  return given as ResultOptions['outcome'];
}

function limitOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 1000) return number;
  throw new InvalidArgumentError('A number from 0 to 1000.');
}

const EXAMPLES = {
  results: `
Examples:
  provisor results
  provisor results -f
  provisor results --outcome rejected,held --connection my-sp -n 100
  provisor results -f -o json | jq .cause`,
  timeline: `
Examples:
  provisor timeline my-sp jdoe
  provisor timeline my-sp "uid=jdoe,ou=people,dc=corp,dc=example"
  provisor timeline my-sp 6f1c0a52-0000-4000-8000-000000000001 -o json`,
};
