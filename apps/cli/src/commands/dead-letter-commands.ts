import type { DeadLetterHead, DeadLetterStory, ReplayReport } from '@provisor/admin-client';
import { Option, type Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { print } from '../output/print.js';
import { printable, table } from '../output/table.js';
import { sinceOf } from '../since.js';
import type { Paint } from '../terminal.js';

const LONGEST = 4000;

interface FilterOptions {
  readonly stage?: string;
  readonly code?: string;
  readonly topic?: string;
  readonly connection?: string;
  readonly since?: string;
}

/** `provisor dead-letters …`. */
export const deadLetterCommands: CommandGroup = (program, contextOf) => {
  const letters = program.command('dead-letters').description('Records that nobody could process');

  withFilter(letters.command('list').description('The newest first'))
    .addOption(new Option('--state <state>', 'only these').choices(['open', 'replayed']))
    .option('-n, --limit <number>', 'how many', Number, 50)
    .addHelpText('after', '\nExample:\n  provisor dead-letters list --connection my-sp --since 24h --state open')
    .action(async (options: FilterOptions & { state?: 'open' | 'replayed'; limit: number }, command: Command) => {
      const context = contextOf(command);
      const { state, limit } = options;
      const { deadLetters } = await context.client().listDeadLetters({
        query: { ...filterOf(options), ...(state === undefined ? {} : { state }), limit },
      });
      print(context.terminal, context.format, deadLetters, () =>
        deadLetters.length === 0 ? 'There are no such dead letters.\n' : listText(deadLetters),
      );
    });

  letters
    .command('show')
    .description('One of them, with the record and what may be done')
    .argument('<id>', '<topic>/<partition>/<offset>')
    .addHelpText('after', '\nExample:\n  provisor dead-letters show identity.changes.v1/3/4711')
    .action(async (id: string, _: object, command: Command) => {
      const context: Context = contextOf(command);
      const letter = await context.client().getDeadLetter({ params: { id } });
      print(context.terminal, context.format, letter, () => letterText(letter, context.paint));
    });

  withFilter(
    letters
      .command('replay')
      .description('Publish the records of open dead letters again, each once: one by its id, or all that fit a filter')
      .argument('[id]', '<topic>/<partition>/<offset>'),
  )
    .option('--all', 'every open one')
    .option('--dry-run', 'only tell what would be done')
    .addHelpText('after', REPLAY_EXAMPLES)
    .action(async (id: string | undefined, options: ReplayOptions, command: Command) => {
      const context = contextOf(command);
      const report = await replay(context, id, options);
      print(context.terminal, context.format, report, () => reportText(report));
      if (report.replayed.length === 0 && report.skipped.length > 0) context.finish(EXIT.failed);
    });
};

interface ReplayOptions extends FilterOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

const REPLAY_EXAMPLES = `
Examples:
  provisor dead-letters replay provisioning.commands.scim.v1/3/4711
  provisor dead-letters replay --connection my-sp --code record.schema --since 2h --dry-run

A record that fails again comes back as a new dead letter, which the old one names. One that a newer state has
overtaken changes nothing.`;

async function replay(context: Context, id: string | undefined, options: ReplayOptions): Promise<ReplayReport> {
  const { dryRun = false, all } = options;
  const filter = filterOf(options);
  if (id !== undefined) {
    if (all === true || Object.keys(filter).length > 0)
      throw new CommandError(EXIT.usage, 'Give either an id or a filter, not both.');
    return context.client().replayDeadLetter({ params: { id }, body: { dryRun } });
  }
  if (all !== true && Object.keys(filter).length === 0)
    throw new CommandError(
      EXIT.usage,
      'Give an id, a filter (--connection, --topic, --code, --stage, --since), or --all.',
    );
  return context.client().replayDeadLetters({ body: { ...filter, ...(all === true ? { all } : {}), dryRun } });
}

function withFilter(command: Command): Command {
  return command
    .option('-c, --connection <name>', 'only those about one SP connection')
    .option('--topic <topic>', 'only those of one topic')
    .option('--code <code>', 'only those of one cause, such as record.schema')
    .option('--stage <name>', 'only those of one stage')
    .option('--since <when>', 'only those that failed since: 2h, or 2026-01-31T08:00:00Z', sinceOf);
}

const filterOf = ({ stage, code, topic, connection, since }: FilterOptions) => ({
  ...(stage === undefined ? {} : { stage }),
  ...(code === undefined ? {} : { code }),
  ...(topic === undefined ? {} : { topic }),
  ...(connection === undefined ? {} : { spConnection: connection }),
  ...(since === undefined ? {} : { since }),
});

/** The first mistake with its place, which stands on a line of its own. */
function shortCause(text: string): string {
  const [first = '', second = ''] = text.split('\n');
  const place = second.trim();
  return (place.startsWith('→') ? `${first} ${place}` : first).replace(/^✖ /, '');
}

const stateOf = ({ replayedAt, failedAgainAs }: DeadLetterHead): string => {
  if (replayedAt === undefined) return 'open';
  return failedAgainAs === undefined ? 'replayed' : 'failed again';
};

const listText = (letters: readonly DeadLetterHead[]): string =>
  table(
    [
      { title: 'FAILED', value: ({ failedAt }) => failedAt },
      { title: 'ID', value: ({ id }) => id },
      { title: 'STATE', value: stateOf },
      { title: 'STAGE', value: ({ stage }) => stage },
      { title: 'CODE', value: ({ cause }) => cause.code },
      { title: 'CAUSE', value: ({ cause }) => shortCause(cause.message) },
    ],
    letters,
  );

function reportText({ dryRun, replayed, skipped, more }: ReplayReport): string {
  const what = dryRun ? 'would be replayed' : 'replayed';
  if (replayed.length + skipped.length === 0) return 'There are no such dead letters that are open.\n';
  return [
    ...replayed.map((id) => `${printable(id)}  ${what}\n`),
    ...skipped.map(({ id, reason }) => `${printable(id)}  not replayed: ${printable(reason)}\n`),
    `${replayed.length} ${what}, ${skipped.length} not.${more ? ' More fit: say it again.' : ''}\n`,
  ].join('');
}

function letterText(letter: DeadLetterStory, paint: Paint): string {
  const { id, stage, cause, origin, value, valueBytes, failedAt, explanation } = letter;
  const record =
    value === null ? '(a tombstone)' : printable(Buffer.from(value, 'base64').toString('utf8')).slice(0, LONGEST);
  return [
    `${paint.bold(printable(id))}\n`,
    ...explanation.map((line) => `${printable(line)}\n`),
    `failed   ${failedAt} in ${printable(stage)}\n`,
    `cause    ${cause.code}: ${cause.message.split('\n').map(printable).join('\n         ')}\n`,
    `record   ${origin.topic}, partition ${origin.partition}, offset ${origin.offset}, written ${origin.timestamp}\n`,
    `key      ${origin.key === null ? '(none)' : printable(origin.key)}\n`,
    ...Object.entries(origin.headers).map(([name, text]) => `header   ${printable(name)}: ${printable(text)}\n`),
    `value    ${valueBytes} bytes\n${record}\n`,
  ].join('');
}
