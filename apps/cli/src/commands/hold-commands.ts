import {
  ProblemError,
  type AdminClient,
  type ControlAccepted,
  type Hold,
  type HoldsPage,
} from '@provisor/admin-client';
import { Option, type Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { durationWords } from '../output/duration-words.js';
import { print } from '../output/print.js';
import { table, type Column } from '../output/table.js';

const KINDS = ['delete', 'disable', 'blank', 'remove-member'] as const;
type Kind = (typeof KINDS)[number];

interface Selection {
  readonly object?: string[];
  readonly kind?: Kind[];
  readonly group?: string;
}
interface ListOptions extends Selection {
  readonly limit: number;
}
interface DecideOptions extends Selection {
  readonly all?: true;
  readonly dryRun?: true;
}

const SAMPLES = 10;

/** `provisor holds`, `provisor approve` and `provisor reject`. */
export const holdCommands: CommandGroup = (program, contextOf) => {
  const holds = program.command('holds').description('What guards have stopped until somebody approves or rejects it');
  selecting(holds.command('list', { isDefault: true }))
    .description('All of it, the longest held first; the same without "list"')
    .argument('[connection]', 'name of an SP connection; all of them where absent')
    .option('-n, --limit <number>', 'how many of each SP connection are shown', Number, 50)
    .addHelpText('after', '\nExamples:\n  provisor holds list\n  provisor holds my-sp --kind delete -o json')
    .action(async (connection: string | undefined, options: ListOptions, command: Command) => {
      const context = contextOf(command);
      const pages = await pagesOf(context.client(), connection, options);
      print(context.terminal, context.format, connection === undefined ? pages : pages[0], () => pagesText(pages));
    });

  for (const { name, description, verb } of DECISIONS)
    selecting(program.command(name))
      .description(description)
      .argument('<connection>', 'name of the SP connection')
      .option('--all', 'everything that is held; the same as naming nothing')
      .option('--dry-run', `show what would be ${verb}, and do nothing`)
      .addHelpText(
        'after',
        `\nWhat is named is combined: --kind disable --object a --object b means those two, as far as they are to be disabled.\n\nExamples:\n  provisor ${name} my-sp --dry-run\n  provisor ${name} my-sp --object 6f1c0a52 --object 6f1c0a53\n  provisor ${name} my-sp --kind remove-member --group 0b7d11\n  provisor ${name} my-sp --all`,
      )
      .action(async (connection: string, options: DecideOptions, command: Command) => {
        if (options.all === true && (options.object ?? options.kind ?? options.group) !== undefined)
          throw new CommandError(EXIT.usage, '--all leaves nothing to be named with --object, --kind or --group.');
        const context = contextOf(command);
        if (options.dryRun === true) return showDry(context, connection, options, verb);
        await decideHeld(context, { name, verb, connection, options });
      });
};

const DECISIONS = [
  {
    name: 'approve',
    description: 'Let changes go on that a guard has stopped',
    verb: 'sent',
  },
  {
    name: 'reject',
    description: 'Do not carry out what a guard has stopped',
    verb: 'dropped',
  },
] as const;

function selecting(command: Command): Command {
  const several = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];
  return command
    .option('--object <id>', 'only this object (repeatable)', several)
    .addOption(
      new Option('--kind <kind>', `only this kind (repeatable)`)
        .choices(KINDS)
        .argParser((value: string, before: Kind[] | undefined) => {
          const kind = KINDS.find((one) => one === value);
          if (kind === undefined) throw new CommandError(EXIT.usage, `--kind is one of ${KINDS.join(', ')}.`);
          return [...(before ?? []), kind];
        }),
    )
    .option('--group <id>', 'only the ends of memberships of this group');
}

const queryOf = ({ object, kind, group }: Selection, limit: number) => ({
  limit,
  ...(object === undefined ? {} : { objectId: object }),
  ...(kind === undefined ? {} : { kind }),
  ...(group === undefined ? {} : { groupId: group }),
});

async function pagesOf(
  client: AdminClient,
  connection: string | undefined,
  options: ListOptions,
): Promise<HoldsPage[]> {
  const names = connection === undefined ? await namesOf(client) : [connection];
  const query = queryOf(options, options.limit);
  const pages = await Promise.all(names.map((name) => client.listHolds({ params: { name }, query })));
  return connection === undefined ? pages.filter(({ total }) => total > 0) : pages;
}

async function namesOf(client: AdminClient): Promise<string[]> {
  const { spConnections } = await client.getStatus();
  return spConnections.filter(({ state }) => state !== 'unknown').map(({ name }) => name);
}

/** The same selection that would be decided, as far as it is held now. */
async function showDry(context: Context, connection: string, options: DecideOptions, verb: string): Promise<void> {
  const query = queryOf(options, SAMPLES);
  const held = await context.client().listHolds({ params: { name: connection }, query });
  print(context.terminal, context.format, held, () =>
    held.total === 0
      ? `${nothingHeld(connection)}\n`
      : `${inWords(held)} would be ${verb}${held.total > SAMPLES ? `; the ${SAMPLES} that wait longest are` : ''}:\n${table(COLUMNS, held.holds)}Nothing was done.\n`,
  );
}

/** Says how much is decided. A dispatcher that does not answer now is told all the same. */
async function decideHeld(
  context: Context,
  o: { name: 'approve' | 'reject'; verb: string; connection: string; options: DecideOptions },
): Promise<void> {
  const { name, verb, connection, options } = o;
  const client = context.client();
  const held = await client
    .listHolds({ params: { name: connection }, query: queryOf(options, 1) })
    .catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 503) return undefined;
      throw error;
    });
  if (held?.total === 0)
    return print(context.terminal, context.format, null, () => `${nothingHeld(connection)} Nothing was done.\n`);
  const accepted = await decide(client, name, connection, options);
  const what = held === undefined ? 'whatever is held and fits' : inWords(held);
  print(context.terminal, context.format, accepted, () => `${connection}: ${what} will be ${verb}.\n`);
}

const nothingHeld = (connection: string): string => `Nothing of ${connection} is held that fits.`;

async function decide(
  client: AdminClient,
  name: 'approve' | 'reject',
  connection: string,
  options: DecideOptions,
): Promise<ControlAccepted> {
  const params = { name: connection };
  const { object, kind, group } = options;
  const body = {
    ...(object === undefined ? {} : { objectIds: object }),
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(group === undefined ? {} : { groupId: group }),
  };
  return name === 'approve'
    ? client.approveSpConnection({ params, body })
    : client.rejectSpConnection({ params, body });
}

function pagesText(pages: readonly HoldsPage[]): string {
  if (pages.every(({ total }) => total === 0)) return 'Nothing is held.\n';
  return pages
    .map((page) => {
      const rest = page.total - page.holds.length;
      return `${page.spConnection}: ${inWords(page)}\n${table(COLUMNS, page.holds)}${rest > 0 ? `… and ${rest} more\n` : ''}`;
    })
    .join('\n');
}

const WORDS: Readonly<Record<Kind, readonly [string, string]>> = {
  delete: ['deletion', 'deletions'],
  disable: ['disable', 'disables'],
  blank: ['update that blanks values', 'updates that blank values'],
  'remove-member': ['end of a membership', 'ends of memberships'],
};

function inWords({ counts }: HoldsPage): string {
  const parts = KINDS.filter((kind) => counts[kind] > 0).map(
    (kind) => `${counts[kind]} ${WORDS[kind][counts[kind] === 1 ? 0 : 1]}`,
  );
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

const COLUMNS: readonly Column<Hold>[] = [
  {
    title: 'HELD FOR',
    value: ({ since }) => durationWords(Math.max(0, Date.now() - Date.parse(since))),
    align: 'right',
  },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'OBJECT', value: ({ objectId }) => objectId },
  { title: 'WHO', value: ({ label, objectType }) => label ?? objectType },
  { title: 'GROUP', value: ({ group }) => group?.label ?? group?.objectId ?? '' },
  { title: 'CAUSE', value: ({ cause }) => cause },
];
