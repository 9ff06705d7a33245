import type { AdminClient, ControlAccepted } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { print } from '../output/print.js';

interface Action {
  readonly name: string;
  readonly description: string;
  readonly done: string;
  readonly send: (client: AdminClient, connection: string, objectId: string | undefined) => Promise<ControlAccepted>;
  /** The action may be about one object only. */
  readonly scoped: boolean;
}

const ACTIONS: readonly Action[] = [
  {
    name: 'pause',
    description: 'Make no more calls to a service provider; what changes meanwhile is kept',
    done: 'is told to pause',
    send: (client, name) => client.pauseSpConnection({ params: { name } }),
    scoped: false,
  },
  {
    name: 'resume',
    description: 'Go on after a pause',
    done: 'is told to go on',
    send: (client, name) => client.resumeSpConnection({ params: { name } }),
    scoped: false,
  },
  {
    name: 'retry',
    description: 'Try failed objects again now',
    done: 'tries failed objects again',
    send: (client, name, objectId) => client.retrySpConnection({ params: { name }, body: scope(objectId) }),
    scoped: true,
  },
];

const scope = (objectId: string | undefined) => (objectId === undefined ? {} : { objectId });

/** Commands that tell the services what to do. */
export const controlCommands: CommandGroup = (program, contextOf) => {
  for (const action of ACTIONS) {
    const command = program
      .command(action.name)
      .description(action.description)
      .argument('<connection>', 'name of the SP connection')
      .addHelpText('after', `\nExample:\n  provisor ${action.name} my-sp${action.scoped ? ' --object 6f1c0a52' : ''}`);
    if (action.scoped) command.option('--object <id>', 'only this object');
    command.action(async (connection: string, options: { object?: string }, self: Command) => {
      const context = contextOf(self);
      tell(context, await action.send(context.client(), connection, options.object), `${connection} ${action.done}.`);
    });
  }

  const sources = [
    ['compare', 'Compare a whole data store with what was captured, now', 'compareDataStore', 'is compared'],
    [
      'accept',
      'Accept that objects are missing from a data store and let the removals go on',
      'acceptDataStore',
      'counts as it is now',
    ],
  ] as const;
  for (const [name, description, operation, done] of sources)
    program
      .command(name)
      .description(description)
      .argument('<dataStore>', 'name of the data store')
      .addHelpText('after', `\nExample:\n  provisor ${name} corp-ldap`)
      .action(async (dataStore: string, _: object, self: Command) => {
        const context = contextOf(self);
        tell(context, await context.client()[operation]({ params: { name: dataStore } }), `${dataStore} ${done}.`);
      });
};

function tell({ terminal, format }: Context, accepted: ControlAccepted, text: string): void {
  print(terminal, format, accepted, () => `${text}\n`);
}
