import type { AuditPage } from '@provisor/admin-client';
import { InvalidArgumentError, type Command } from 'commander';
import type { CommandGroup } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { print } from '../output/print.js';
import { table } from '../output/table.js';

type Entry = AuditPage['entries'][number];

interface AuditOptions {
  readonly connection?: string;
  readonly subject?: string;
  readonly limit: number;
}

/** `provisor audit`. */
export const auditCommands: CommandGroup = (program, contextOf) => {
  program
    .command('audit')
    .description('Who did what, newest first')
    .option('-c, --connection <name>', 'only what was done to one SP connection')
    .option('--subject <subject>', 'only what was done to one thing, such as DataStore/corp-ldap or Secret/token-1')
    .option('-n, --limit <number>', 'how many', limitOf, 20)
    .addHelpText('after', EXAMPLES)
    .action(async ({ connection, subject, limit }: AuditOptions, command: Command) => {
      if (connection !== undefined && subject !== undefined)
        throw new CommandError(EXIT.usage, 'Give either --connection or --subject, not both.');
      const context = contextOf(command);
      const about = connection === undefined ? subject : `SpConnection/${connection}`;
      const { entries } = await context.client().listAudit({
        query: { ...(about === undefined ? {} : { subject: about }), limit },
      });
      print(context.terminal, context.format, entries, () =>
        entries.length === 0 ? 'Nothing of the kind was done so far.\n' : table(COLUMNS, entries),
      );
    });
};

const COLUMNS = [
  { title: 'AT', value: ({ at }: Entry) => at },
  { title: 'WHO', value: ({ actor }: Entry) => actor },
  { title: 'WHAT', value: ({ action }: Entry) => action },
  { title: 'TO', value: ({ subject }: Entry) => subject },
  { title: 'DETAILS', value: ({ details }: Entry) => detailsOf(details) },
];

const detailsOf = (details: Entry['details']): string =>
  Object.entries(details)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

function limitOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 500) return number;
  throw new InvalidArgumentError('A number from 1 to 500.');
}

const EXAMPLES = `
Examples:
  provisor audit
  provisor audit --connection my-sp -n 100
  provisor audit --subject DataStore/corp-ldap -o json`;
