import { ProblemError, type AdminClient, type ObjectExplanation } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { EXIT } from '../exit.js';
import { OBJECT_HINT, objectIdOf } from '../object-id.js';
import { explanationText, planText } from '../output/explanation-text.js';
import { print } from '../output/print.js';
import { table } from '../output/table.js';
import { pause } from '../pause.js';

/** So long after it was asked `provision-now` answers at the latest, with what is known then. */
const PATIENCE_MS = 2_300;
const LOOK_MS = 100;
/** What only a person ends, or nothing within moments: there is no use in waiting for it. */
const STANDSTILLS = new Set(['hold', 'paused', 'inactive', 'no-configuration', 'quarantined']);

/** Commands about why something is as it is, and those that make it go on. */
export const explainCommands: CommandGroup = (program, contextOf) => {
  program
    .command('explain')
    .description('Why one object is as it is: desired, written, seen, last and next attempt, and what it waits for')
    .argument('<connection>', 'name of the SP connection')
    .argument('<object>', OBJECT_HINT)
    .addHelpText('after', '\nExample:\n  provisor explain my-sp jdoe')
    .action(async (connection: string, object: string, _: object, self: Command) => {
      const context = contextOf(self);
      const { client } = context;
      const explanation = await explain(client(), connection, await objectIdOf(client(), connection, object));
      print(context.terminal, context.format, explanation, () => explanationText(explanation, context.paint));
    });

  program
    .command('provision-now')
    .description('Send one object now, before all others, and explain what came of it')
    .argument('<connection>', 'name of the SP connection')
    .argument('<object>', OBJECT_HINT)
    .option('--dry-run', 'show what would be done, and do nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  provisor provision-now my-sp 6f1c0a52\n  provisor provision-now my-sp jdoe --dry-run',
    )
    .action(async (connection: string, object: string, options: { dryRun?: true }, self: Command) => {
      const context = contextOf(self);
      const from = Date.now();
      const objectId = await objectIdOf(context.client(), connection, object);
      if (options.dryRun === true) return showPlan(context, connection, objectId);
      const after = await provisionNow(context, { name: connection, objectId }, from + PATIENCE_MS);
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
    .action(async (name: string, _: object, self: Command) => releaseQuarantine(contextOf(self), name));
};

const explain = (client: AdminClient, name: string, objectId: string) =>
  client.explainObject({ params: { name, objectId } });

async function showPlan(context: Context, connection: string, objectId: string): Promise<void> {
  const { plan, waits = [] } = await explain(context.client(), connection, objectId);
  print(context.terminal, context.format, { dryRun: true, plan: plan ?? null, waits }, () => {
    const what = plan
      ? planText(plan)
      : 'What would be done is not known: no dispatcher works on the SP connection now.';
    const stops = waits
      .filter(({ kind }) => kind !== 'lane' && kind !== 'next-attempt')
      .map(({ what: why }) => why.replace(/\.$/, ''));
    return `${what}\n${stops.length === 0 ? '' : `It would wait for ${stops.join('; ')}.\n`}`;
  });
}

async function provisionNow(
  context: Context,
  params: { name: string; objectId: string },
  until: number,
): Promise<ObjectExplanation> {
  const client = context.client();
  const before = await explain(client, params.name, params.objectId);
  await client.provisionNow({ params });
  let now = before;
  let told = '';
  while (Date.now() < until && !isAnswered(before, now)) {
    await pause(LOOK_MS, context.terminal.interrupted);
    if (context.terminal.interrupted.aborted) return now;
    now = await explain(client, params.name, params.objectId).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 503) return now;
      throw error;
    });
    told = progress(context, told, now);
  }
  return now;
}

/** An attempt has ended since, whatever it came to, or none will begin by itself. */
const isAnswered = (before: ObjectExplanation, now: ObjectExplanation): boolean =>
  now.lastOutcome?.at !== before.lastOutcome?.at || now.waits?.some(({ kind }) => STANDSTILLS.has(kind)) === true;

function progress({ terminal, format }: Context, told: string, { waits }: ObjectExplanation): string {
  const what = waits?.[0]?.what;
  if (format !== 'table' || what === undefined || what === told) return told;
  terminal.err(`waits for ${what}\n`);
  return what;
}

async function releaseQuarantine(context: Context, name: string): Promise<void> {
  const client = context.client();
  const { state } = await client.getSpConnectionStatus({ params: { name } });
  // What nobody knows now may be in quarantine all the same.
  if (state !== 'quarantined' && state !== 'unknown')
    return print(
      context.terminal,
      context.format,
      null,
      () => `${name} is not in quarantine, but ${state}; nothing was done.\n`,
    );
  const accepted = await client.releaseQuarantine({ params: { name } });
  print(context.terminal, context.format, accepted, () => `${name} is tried again; see provisor status ${name}.\n`);
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
