import { ProblemError, type AdminClient, type ObjectExplanation } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { explanationText, planText } from '../output/explanation-text.js';
import { print } from '../output/print.js';
import { table } from '../output/table.js';
import { pause } from '../pause.js';

/** How long `provision-now` waits for the outcome. */
const PATIENCE_MS = 2_500;
const LOOK_MS = 100;
const MOST_CANDIDATES = 8;

/** Commands about why something is as it is, and those that make it go on. */
export const explainCommands: CommandGroup = (program, contextOf) => {
  program
    .command('explain')
    .description('Why one object is as it is: desired, written, seen, last and next attempt, and what it waits for')
    .argument('<connection>', 'name of the SP connection')
    .argument('<object>', 'id, user name or DN, or a part that fits one object only')
    .addHelpText('after', '\nExample:\n  provisor explain my-sp jdoe')
    .action(async (connection: string, object: string, _: object, self: Command) => {
      const context = contextOf(self);
      const { client } = context;
      const explanation = await explain(client(), connection, await idOf(client(), connection, object));
      print(context.terminal, context.format, explanation, () => explanationText(explanation, context.paint));
    });

  program
    .command('provision-now')
    .description('Send one object now, before all others, and explain what came of it')
    .argument('<connection>', 'name of the SP connection')
    .argument('<object>', 'id, user name or DN, or a part that fits one object only')
    .option('--dry-run', 'show what would be done, and do nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  provisor provision-now my-sp 6f1c0a52\n  provisor provision-now my-sp jdoe --dry-run',
    )
    .action(async (connection: string, object: string, options: { dryRun?: true }, self: Command) => {
      const context = contextOf(self);
      const objectId = await idOf(context.client(), connection, object);
      if (options.dryRun === true) return showPlan(context, connection, objectId);
      const after = await provisionNow(context, connection, objectId);
      print(context.terminal, context.format, after, () => explanationText(after, context.paint));
      if (after.state !== 'done') context.finish(EXIT.failed);
    });

  const quarantine = program
    .command('quarantine')
    .description('SP connections that are not called, because their service provider refuses Provisor as a whole');
  quarantine
    .command('list')
    .description('All of them, with cause and remedy')
    .addHelpText('after', '\nExample:\n  provisor quarantine list')
    .action(async (_: object, self: Command) => listQuarantines(contextOf(self)));
  quarantine
    .command('release')
    .description('End a quarantine now; if the service provider still refuses, it begins again')
    .argument('<connection>', 'name of the SP connection')
    .addHelpText('after', '\nExample:\n  provisor quarantine release my-sp')
    .action(async (name: string, _: object, self: Command) => {
      const context = contextOf(self);
      const accepted = await context.client().releaseQuarantine({ params: { name } });
      print(context.terminal, context.format, accepted, () => `${name} is tried again.\n`);
    });
};

const explain = (client: AdminClient, name: string, objectId: string) =>
  client.explainObject({ params: { name, objectId } });

/** The id itself where a dispatcher knows it, otherwise that of the one object whose label fits. */
async function idOf(client: AdminClient, connection: string, object: string): Promise<string> {
  const { objects } = await client.searchObjects({
    query: { label: object, spConnection: connection, limit: MOST_CANDIDATES },
  });
  if (objects.some(({ objectId }) => objectId === object)) return object;
  if (objects.length <= 1) return objects[0]?.objectId ?? object;
  const lines = objects.map(({ objectId, label }) => `${objectId}  ${label ?? ''}`);
  throw new CommandError(EXIT.failed, `Several objects fit "${object}"; be more exact, or give an id.`, lines);
}

async function showPlan(context: Context, connection: string, objectId: string): Promise<void> {
  const { plan, waits = [] } = await explain(context.client(), connection, objectId);
  print(context.terminal, context.format, { dryRun: true, plan: plan ?? null, waits }, () => {
    const what = plan
      ? planText(plan)
      : 'What would be done is not known: no dispatcher works on the SP connection now.';
    const stops = waits.filter(({ kind }) => kind !== 'lane' && kind !== 'next-attempt').map(({ what: why }) => why);
    return `${what}\n${stops.length === 0 ? '' : `It would wait for ${stops.join('; ')}.\n`}`;
  });
}

async function provisionNow(context: Context, connection: string, objectId: string): Promise<ObjectExplanation> {
  const client = context.client();
  const before = await explain(client, connection, objectId);
  await client.provisionNow({ params: { name: connection, objectId } });
  const until = Date.now() + PATIENCE_MS;
  let now = before;
  let told = '';
  while (Date.now() < until && !isAnswered(before, now)) {
    await pause(LOOK_MS, new AbortController().signal);
    now = await explain(client, connection, objectId).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 503) return now;
      throw error;
    });
    told = progress(context, told, now);
  }
  return now;
}

/** An attempt has ended since, whatever it came to. */
const isAnswered = (before: ObjectExplanation, now: ObjectExplanation): boolean =>
  now.lastOutcome?.at !== before.lastOutcome?.at || now.state === 'held';

function progress({ terminal, format }: Context, told: string, { waits }: ObjectExplanation): string {
  const what = waits?.[0]?.what;
  if (format !== 'table' || what === undefined || what === told) return told;
  terminal.err(`waits for ${what}\n`);
  return what;
}

async function listQuarantines(context: Context): Promise<void> {
  const found = await context.client().listQuarantines();
  print(context.terminal, context.format, found, () => {
    const problems = found.problems.map((problem) => `${problem}\n`).join('');
    if (found.quarantines.length === 0) return `${problems}No SP connection is in quarantine, as far as is known.\n`;
    const rows = table(
      [
        { title: 'SP CONNECTION', value: ({ spConnection }) => spConnection },
        { title: 'SINCE', value: ({ since }) => since ?? '' },
        { title: 'NEXT PROBE', value: ({ probeAt }) => probeAt ?? '' },
        { title: 'PENDING', value: ({ pending }) => String(pending ?? '?'), align: 'right' },
        { title: 'CODE', value: ({ code }) => code ?? '' },
        { title: 'CAUSE', value: ({ cause }) => cause ?? '' },
        { title: 'REMEDY', value: ({ remedy }) => remedy ?? '' },
      ],
      found.quarantines,
    );
    return `${problems}${rows}`;
  });
}
