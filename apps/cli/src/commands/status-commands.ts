import type { SpConnectionStatus, Status } from '@provisor/admin-client';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { durationWords } from '../output/duration-words.js';
import { failuresText } from '../output/failures-text.js';
import { print } from '../output/print.js';
import { table, type Column } from '../output/table.js';
import type { Paint } from '../terminal.js';
import { pause } from '../pause.js';

interface StatusOptions {
  readonly watch?: true | string;
}

const CLEAR = '\u001b[H\u001b[2J';

/** `provisor status`. */
export const statusCommands: CommandGroup = (program, contextOf) => {
  program
    .command('status')
    .description('How far every SP connection is, or one of them with what fails most')
    .argument('[name]', 'name of an SP connection')
    .option('-w, --watch [seconds]', 'show it again and again until interrupted')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: StatusOptions, command: Command) => {
      const context = contextOf(command);
      const show = name === undefined ? () => showAll(context) : () => showOne(context, name);
      if (options.watch === undefined) return show();
      await watch(context, show, Math.max(1, Number(options.watch === true ? 2 : options.watch) || 2) * 1000);
    });
};

async function watch({ terminal, format }: Context, show: () => Promise<void>, everyMs: number): Promise<void> {
  while (!terminal.interrupted.aborted) {
    if (terminal.interactive && format === 'table') terminal.out(CLEAR);
    await show();
    await pause(everyMs, terminal.interrupted);
  }
}

async function showAll(context: Context): Promise<void> {
  const status = await context.client().getStatus();
  print(context.terminal, context.format, status, () => statusText(status, context.paint));
}

async function showOne(context: Context, name: string): Promise<void> {
  const status = await context.client().getSpConnectionStatus({ params: { name } });
  print(context.terminal, context.format, status, () => connectionText(status, context.paint));
}

function statusText(status: Status, paint: Paint): string {
  const parts = [
    status.spConnections.length === 0
      ? 'There is no SP connection yet; store one with `provisor apply -f FILE`.\n'
      : table(connectionColumns(paint), status.spConnections),
    ...status.spConnections.flatMap(({ name, reason }) => (reason === undefined ? [] : [`  ${name}: ${reason}\n`])),
    status.dataStores.length === 0 ? '' : `\n${table(sourceColumns(paint), status.dataStores)}`,
    status.deadLetters === 0
      ? ''
      : `\n${paint.red(`${status.deadLetters} dead ${status.deadLetters === 1 ? 'letter' : 'letters'}`)}: provisor dead-letters list --state open\n`,
    ...status.problems.map((problem) => `${paint.yellow('!')} ${problem}\n`),
  ];
  return parts.join('');
}

const number = (value: number | undefined) => (value === undefined ? '?' : String(value));

function connectionColumns(paint: Paint): Column<SpConnectionStatus>[] {
  const count = (
    title: string,
    value: (counts: NonNullable<SpConnectionStatus['counts']>) => number,
  ): Column<SpConnectionStatus> => ({
    title,
    value: ({ counts }) => number(counts && value(counts)),
    align: 'right',
  });
  return [
    { title: 'SP CONNECTION', value: ({ name }) => name },
    { title: 'STATE', value: ({ state }) => state, paint: (text, { state }) => stateColour(state, paint)(text) },
    count('DESIRED', ({ desired }) => desired),
    count('APPLIED', ({ applied }) => applied),
    count('PENDING', ({ pending }) => pending),
    count('FAILED', ({ failed }) => failed),
    count('HELD', ({ held }) => held),
    { title: 'OLDEST', value: oldest, align: 'right' },
  ];
}

function oldest({ oldestPendingAgeMs: age }: SpConnectionStatus): string {
  if (age === undefined) return '?';
  return age === null ? '-' : durationWords(age);
}

function stateColour(state: string, paint: Paint): (text: string) => string {
  if (state === 'active' || state === 'healthy') return paint.green;
  if (state === 'quarantined') return paint.red;
  return state === 'paused' || state === 'unknown' ? paint.yellow : paint.dim;
}

function sourceColumns(paint: Paint): Column<Status['dataStores'][number]>[] {
  return [
    { title: 'DATA STORE', value: ({ name }) => name },
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'STATE', value: ({ state }) => state, paint: (text, { state }) => stateColour(state, paint)(text) },
    { title: '', value: ({ reason }) => reason ?? '' },
  ];
}

function connectionText(status: SpConnectionStatus, paint: Paint): string {
  const lines = [
    table(connectionColumns(paint), [status]),
    accountingText(status, paint),
    status.reason === undefined ? '' : `  ${status.reason}\n`,
    status.quarantine?.remedy === undefined ? '' : `  What to do: ${status.quarantine.remedy}\n`,
    status.quarantine?.probeAt ? `  Next probe: ${status.quarantine.probeAt}\n` : '',
  ];
  const failures = failuresText(status);
  return `${lines.join('')}${failures === '' ? '' : `\n${failures}`}`;
}

/** The equation that has to close, whatever happened. */
function accountingText({ accounting }: SpConnectionStatus, paint: Paint): string {
  if (accounting === undefined) return '';
  const { accepted, difference, ...rest } = accounting;
  const sum = Object.entries(rest)
    .map(([what, number]) => `${number} ${what}`)
    .join(' + ');
  const open = difference === 0 ? '' : paint.red(`  ${difference} versions are not accounted for.\n`);
  return `  ${accepted} accepted = ${sum}\n${open}`;
}

const EXAMPLES = `
A question mark stands for a number that nobody could tell.

Examples:
  provisor status
  provisor status my-sp
  provisor status --watch 5`;
