import type { Reconciliation } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { EXIT } from '../exit.js';
import { findObject, OBJECT_HINT } from '../object-id.js';
import { print } from '../output/print.js';
import { printable, table } from '../output/table.js';
import { pause } from '../pause.js';

const LOOK_MS = 500;

interface ReconcileOptions {
  readonly object?: string;
  readonly repair?: true;
  readonly watch?: true;
}

/** `provisor reconcile` and `provisor reconciliations`. */
export const reconcileCommands: CommandGroup = (program, contextOf) => {
  program
    .command('reconcile')
    .description('Compare what was written with what the service provider has; report, or repair, what differs')
    .argument('<connection>', 'name of the SP connection')
    .option('--object <object>', `only this object: ${OBJECT_HINT}`)
    .option('--repair', 'write again what has drifted and provision again what is missing; only reported otherwise')
    .option('-w, --watch', 'show how far it is until it has ended')
    .addHelpText(
      'after',
      `
Examples:
  provisor reconcile my-sp --watch            what differs? Nothing is written
  provisor reconcile my-sp --repair --watch   the same, and repair it
  provisor reconcile my-sp --object jdoe --repair --watch

Accounts that belong to no object, and members that nothing here made members, are reported and not changed, unless the
policy says so. If so many are missing that the guard would hold
their removal, they are reported too: then it is rather the service provider that shows too little.`,
    )
    .action(async (name: string, options: ReconcileOptions, self: Command) => {
      const context = contextOf(self);
      const { object, repair, watch } = options;
      const client = context.client();
      const accepted = await client.reconcileSpConnection({
        params: { name },
        body: {
          ...(object === undefined ? {} : { objectId: (await findObject(client, name, object)).objectId }),
          ...(repair === true ? { repair } : {}),
        },
      });
      if (watch !== true)
        return print(
          context.terminal,
          context.format,
          accepted,
          () => `${name} is compared; see provisor reconciliations ${name}.\n`,
        );
      const run = await follow(context, name, accepted.id);
      if (run === undefined) return context.terminal.err(`It goes on; see provisor reconciliations ${name}.\n`);
      print(context.terminal, context.format, run, () => runText(run));
      if (run.state !== 'done') context.finish(EXIT.failed);
    });

  program
    .command('reconciliations')
    .description('Comparisons with a service provider, the newest first')
    .argument('<connection>', 'name of the SP connection')
    .option('-n, --limit <number>', 'how many', Number, 20)
    .addHelpText('after', '\nExample:\n  provisor reconciliations my-sp -n 1 -o json')
    .action(async (name: string, { limit }: { limit: number }, self: Command) => {
      const context = contextOf(self);
      const { reconciliations } = await context.client().listReconciliations({ params: { name }, query: { limit } });
      print(context.terminal, context.format, reconciliations, () =>
        reconciliations.length === 0 ? `${name} was not compared so far.\n` : listText(reconciliations),
      );
    });
};

/** The run when it has ended; undefined where somebody has seen enough before. */
async function follow(context: Context, name: string, id: string): Promise<Reconciliation | undefined> {
  const { terminal, format } = context;
  const client = context.client();
  let told = '';
  for (;;) {
    const { reconciliations } = await client.listReconciliations({ params: { name }, query: { limit: 100 } });
    const run = reconciliations.find((one) => one.id === id);
    if (run !== undefined && run.finishedAt !== null) return run;
    const now = `${progressText(run)}${format === 'table' ? await obstacle(context, name) : ''}`;
    if (now !== told && format === 'table') terminal.err(`${now}\n`);
    told = now;
    await pause(LOOK_MS, terminal.interrupted);
    if (terminal.interrupted.aborted) return undefined;
  }
}

/** What keeps a run from going on, in words; empty where nothing does. */
async function obstacle(context: Context, name: string): Promise<string> {
  const { state, reason } = await context.client().getSpConnectionStatus({ params: { name } });
  return state === 'active' ? '' : `, while ${name} is ${state}${reason === undefined ? '' : `: ${printable(reason)}`}`;
}

function progressText(run: Reconciliation | undefined): string {
  if (run === undefined || run.state === 'waiting') return 'waits for its turn';
  const { objectType, listed, total } = run.progress;
  return `${objectType ?? 'user'}s: ${listed}${total === null ? '' : ` of ${total}`}`;
}

type CountName = keyof Reconciliation['counts'];
/** Counts with their titles. */
const ACCOUNTS = [
  ['accounts', 'ACCOUNTS'],
  ['drifted', 'DRIFTED'],
  ['repaired', 'REPAIRED'],
  ['missing', 'MISSING'],
  ['plannedAgain', 'AGAIN'],
  ['unknown', 'UNKNOWN'],
  ['adopted', 'ADOPTED'],
] as const satisfies readonly (readonly [CountName, string])[];
const MEMBERS = [
  ['members', 'MEMBERS'],
  ['membersMissing', 'MISSING'],
  ['membersAgain', 'AGAIN'],
  ['membersUnknown', 'UNKNOWN'],
  ['membersRemoved', 'REMOVED'],
] as const satisfies readonly (readonly [CountName, string])[];
/** In a list of runs, where titles stand alone. */
const OF_MEMBERS = [
  ['membersMissing', 'MEMBERS MISSING'],
  ['membersUnknown', 'MEMBERS UNKNOWN'],
] as const satisfies readonly (readonly [CountName, string])[];

const listText = (runs: readonly Reconciliation[]): string =>
  table(
    [
      { title: 'REQUESTED', value: (run) => run.requestedAt },
      { title: 'BY', value: (run) => run.requestedBy },
      { title: 'OF', value: (run) => run.objectId ?? 'everything' },
      { title: 'STATE', value: (run) => run.state },
      ...[...ACCOUNTS, ...OF_MEMBERS].map(([name, title]) => ({
        title,
        value: ({ counts }: Reconciliation) => String(counts[name] ?? 0),
        align: 'right' as const,
      })),
      { title: 'REQUESTS', value: (run) => String(run.requests), align: 'right' },
      { title: 'CAUSE', value: (run) => run.cause ?? '' },
    ],
    runs,
  );

function runText(run: Reconciliation): string {
  const counts = (names: readonly (readonly [CountName, string])[]): string =>
    names.map(([name, title]) => `${title.toLowerCase()} ${run.counts[name] ?? 0}`).join(', ');
  return [
    `${run.state}: ${counts(ACCOUNTS)}; ${run.requests} requests\n`,
    run.counts.members === undefined ? '' : `${counts(MEMBERS)}\n`,
    run.counts.restarts === undefined
      ? ''
      : `begun anew ${run.counts.restarts} times: the service provider gave up its list\n`,
    run.cause === null ? '' : `${printable(run.cause)}\n`,
    ...run.samples.map(sampleText),
  ].join('');
}

function sampleText(sample: Reconciliation['samples'][number]): string {
  const { kind, objectType, objectId, targetId, paths, memberId, memberTargetId, repaired } = sample;
  const who = printable(objectId ?? targetId ?? '');
  const member = memberId ?? memberTargetId;
  const what = [...(paths ?? []), ...(member === undefined ? [] : [member])].map(printable).join(', ');
  const done = kind === 'unknown-member' ? 'is removed' : 'is written again';
  return `  ${kind} ${kind.endsWith('member') ? 'of ' : ''}${objectType} ${who}${what === '' ? '' : `: ${what}`}${repaired === true ? ` (${done})` : ''}\n`;
}
