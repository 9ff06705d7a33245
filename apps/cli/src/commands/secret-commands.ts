import type { Command } from 'commander';
import type { CommandGroup } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { print } from '../output/print.js';
import { table } from '../output/table.js';

/** `provisor secrets …`: values go in by standard input and never come out. */
export const secretCommands: CommandGroup = (program, contextOf) => {
  const secrets = program.command('secrets').description('Secrets that documents refer to as { secret: NAME }');

  secrets
    .command('set')
    .description('Store or replace a secret; its value is read from standard input')
    .argument('<name>')
    .addHelpText(
      'after',
      '\nExamples:\n  provisor secrets set my-sp-token < token.txt\n  pass show my-sp | provisor secrets set my-sp-token',
    )
    .action(async (name: string, _: object, command: Command) => {
      const context = contextOf(command);
      // Editors and `echo` end a line; the line end is no part of the secret.
      const value = (await context.terminal.readInput()).replace(/\r?\n$/, '');
      if (value === '') throw new CommandError(EXIT.usage, 'There is no value on standard input.');
      const written = await context.client().putSecret({ params: { name }, body: { value } });
      print(context.terminal, context.format, written, () =>
        written.documents === 0
          ? `Secret ${name} is stored.\n`
          : `Secret ${name} is stored; ${written.documents} documents that refer to it were published anew.\n`,
      );
    });

  secrets
    .command('list')
    .description('Names only')
    .addHelpText('after', '\nExample:\n  provisor secrets list')
    .action(async (_: object, command: Command) => {
      const context = contextOf(command);
      const { secrets: stored } = await context.client().listSecrets();
      print(context.terminal, context.format, stored, () =>
        stored.length === 0
          ? 'There are no stored secrets.\n'
          : table(
              [
                { title: 'NAME', value: (secret) => secret.name },
                { title: 'UPDATED', value: ({ updatedAt }) => updatedAt },
                { title: 'BY', value: ({ updatedBy }) => updatedBy },
              ],
              stored,
            ),
      );
    });

  secrets
    .command('delete')
    .description('Remove a secret that no document refers to')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  provisor secrets delete old-token')
    .action(async (name: string, _: object, command: Command) => {
      const context = contextOf(command);
      await context.client().deleteSecret({ params: { name } });
      print(context.terminal, context.format, { name, deleted: true }, () => `Secret ${name} is removed.\n`);
    });
};
