import type { ControlAccepted, ObjectExplanation } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { findObject, OBJECT_HINT } from '../object-id.js';
import { explanationText } from '../output/explanation-text.js';
import { failuresText } from '../output/failures-text.js';
import { print } from '../output/print.js';
import { printable } from '../output/table.js';

const ACTIONS = [
  {
    name: 'pause',
    description: 'Make no more calls to a service provider; what changes meanwhile is kept',
    done: 'is told to pause',
    operation: 'pauseSpConnection',
  },
  { name: 'resume', description: 'Go on after a pause', done: 'is told to go on', operation: 'resumeSpConnection' },
] as const;

/** Commands that tell the services what to do. */
export const controlCommands: CommandGroup = (program, contextOf) => {
  for (const { name, description, done, operation } of ACTIONS)
    program
      .command(name)
      .description(description)
      .argument('<connection>', 'name of the SP connection')
      .addHelpText('after', `\nExample:\n  provisor ${name} my-sp`)
      .action(async (connection: string, _: object, self: Command) => {
        const context = contextOf(self);
        const accepted = await context.client()[operation]({ params: { name: connection } });
        tell(context, accepted, `${connection} ${done}.`);
      });

  program
    .command('retry')
    .description('Try failed objects again now')
    .argument('<connection>', 'name of the SP connection')
    .option('--object <object>', `only this object: ${OBJECT_HINT}`)
    .option('--dry-run', 'show what would be tried again, and do nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  provisor retry my-sp --dry-run\n  provisor retry my-sp\n  provisor retry my-sp --object jdoe',
    )
    .action(async (connection: string, options: RetryOptions, self: Command) =>
      retry(contextOf(self), connection, options),
    );

  program
    .command('compare')
    .description('Compare a whole data store with what was captured, now')
    .argument('<dataStore>', 'name of the data store')
    .addHelpText('after', '\nExample:\n  provisor compare corp-ldap')
    .action(async (name: string, _: object, self: Command) => {
      const context = contextOf(self);
      const accepted = await context.client().compareDataStore({ params: { name } });
      tell(context, accepted, `${name} is compared; see provisor status.`);
    });

  program
    .command('accept')
    .description('Accept that objects are missing from a data store and let the removals go on')
    .argument('<dataStore>', 'name of the data store')
    .option('--dry-run', 'show what there is to accept, and do nothing')
    .addHelpText('after', '\nExamples:\n  provisor accept corp-ldap --dry-run\n  provisor accept corp-ldap')
    .action(async (name: string, options: { dryRun?: true }, self: Command) => {
      const context = contextOf(self);
      if (options.dryRun === true) return showSuspicion(context, name);
      const accepted = await context.client().acceptDataStore({ params: { name } });
      tell(
        context,
        accepted,
        `${name} is read once more and counts as it is then; the guards of SP connections still hold.`,
      );
    });
};

interface RetryOptions {
  readonly object?: string;
  readonly dryRun?: true;
}

async function retry(context: Context, name: string, { object, dryRun }: RetryOptions): Promise<void> {
  const client = context.client();
  if (object !== undefined) {
    const { objectId, known } = await findObject(client, name, object);
    if (dryRun === true)
      return print(context.terminal, context.format, known ?? null, () =>
        known === undefined
          ? `No dispatcher tells of ${printable(object)} now.\n`
          : explanationText(known, context.paint),
      );
    if (known !== undefined && !hasFailed(known))
      return print(
        context.terminal,
        context.format,
        null,
        () =>
          `${printable(known.label ?? objectId)} has not failed, it is ${known.state}; nothing was done. provisor provision-now sends it all the same.\n`,
      );
    const accepted = await client.retrySpConnection({ params: { name }, body: { objectId } });
    return tell(context, accepted, `${name} tries ${printable(known?.label ?? objectId)} again.`);
  }
  const status = await client.getSpConnectionStatus({ params: { name } });
  const failed = status.counts === undefined ? 'all' : String(status.counts.failed);
  if (dryRun === true)
    return print(
      context.terminal,
      context.format,
      status,
      () => `${failed} failed objects would be tried again.\n${failuresText(status)}Nothing was done.\n`,
    );
  // Memberships that were refused are tried as well, and are not among these.
  tell(context, await client.retrySpConnection({ params: { name } }), `${name} tries ${failed} failed objects again.`);
}

/** Its account, or a membership or reference of it. */
const hasFailed = ({ state, edges }: ObjectExplanation): boolean =>
  state === 'failed' || edges.some(({ desired, applied }) => desired !== applied);

async function showSuspicion(context: Context, name: string): Promise<void> {
  const { dataStores } = await context.client().getStatus();
  const store = dataStores.find((one) => one.name === name);
  if (store === undefined) throw new CommandError(EXIT.failed, `There is no data store "${name}".`);
  const { state, reason = '' } = store;
  print(context.terminal, context.format, store, () =>
    state === 'suspect'
      ? `${name} is suspect: ${printable(reason)}\nThe removals would go on, as far as the guards of SP connections let them. Nothing was done.\n`
      : `${name} is ${state}: there is nothing to accept. ${printable(reason)}\n`,
  );
}

function tell({ terminal, format }: Context, accepted: ControlAccepted, text: string): void {
  print(terminal, format, accepted, () => `${text}\n`);
}
