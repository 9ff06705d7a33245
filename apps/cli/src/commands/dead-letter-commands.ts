import type { DeadLetter } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { print } from '../output/print.js';
import { printable, table } from '../output/table.js';
import type { Paint } from '../terminal.js';

const LONGEST = 4000;

/** `provisor dead-letters …`. */
export const deadLetterCommands: CommandGroup = (program, contextOf) => {
  const letters = program.command('dead-letters').description('Records that nobody could process');

  letters
    .command('list')
    .description('The newest first')
    .option('--stage <name>', 'only those of one stage')
    .option('-n, --limit <number>', 'how many', Number, 50)
    .addHelpText('after', '\nExample:\n  provisor dead-letters list --stage mapping')
    .action(async (options: { stage?: string; limit: number }, command: Command) => {
      const context = contextOf(command);
      const { deadLetters } = await context.client().listDeadLetters({ query: options });
      print(context.terminal, context.format, deadLetters, () =>
        deadLetters.length === 0
          ? 'There are no dead letters.\n'
          : table(
              [
                { title: 'FAILED', value: ({ failedAt }) => failedAt },
                { title: 'ID', value: ({ id }) => id },
                { title: 'STAGE', value: ({ stage }) => stage },
                { title: 'CODE', value: ({ cause }) => cause.code },
                { title: 'CAUSE', value: ({ cause }) => firstLine(cause.message) },
              ],
              deadLetters,
            ),
      );
    });

  letters
    .command('show')
    .description('One of them, with the record')
    .argument('<id>', '<topic>/<partition>/<offset>')
    .addHelpText('after', '\nExample:\n  provisor dead-letters show identity.changes.v1/3/4711')
    .action(async (id: string, _: object, command: Command) => {
      const context: Context = contextOf(command);
      const letter = await context.client().getDeadLetter({ params: { id } });
      print(context.terminal, context.format, letter, () => letterText(letter, context.paint));
    });
};

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

function letterText({ id, stage, cause, origin, value, valueBytes, failedAt }: DeadLetter, paint: Paint): string {
  const record =
    value === null ? '(a tombstone)' : printable(Buffer.from(value, 'base64').toString('utf8')).slice(0, LONGEST);
  return [
    `${paint.bold(printable(id))}\n`,
    `failed   ${failedAt} in ${printable(stage)}\n`,
    `cause    ${cause.code}: ${cause.message.split('\n').map(printable).join('\n         ')}\n`,
    `record   ${origin.topic}, partition ${origin.partition}, offset ${origin.offset}, written ${origin.timestamp}\n`,
    `key      ${origin.key === null ? '(none)' : printable(origin.key)}\n`,
    ...Object.entries(origin.headers).map(([name, text]) => `header   ${printable(name)}: ${printable(text)}\n`),
    `value    ${valueBytes} bytes\n${record}\n`,
  ].join('');
}
