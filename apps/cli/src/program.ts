import { readFileSync } from 'node:fs';
import { ProblemError, UnreachableError } from '@provisor/admin-client';
import { Command, CommanderError, Option } from 'commander';
import { auditCommands } from './commands/audit-commands.js';
import { configurationCommands } from './commands/configuration-commands.js';
import { controlCommands } from './commands/control-commands.js';
import { deadLetterCommands } from './commands/dead-letter-commands.js';
import { documentCommands } from './commands/document-commands.js';
import { holdCommands } from './commands/hold-commands.js';
import { explainCommands } from './commands/explain-commands.js';
import { historyCommands } from './commands/history-commands.js';
import { reconcileCommands } from './commands/reconcile-commands.js';
import { secretCommands } from './commands/secret-commands.js';
import { statusCommands } from './commands/status-commands.js';
import { DEFAULT_URL, LOCAL_TOKEN_FILE } from './connect.js';
import { createContext, type Context, type GlobalOptions } from './context.js';
import { CommandError, EXIT } from './exit.js';
import { FORMATS } from './output/print.js';
import type { Terminal } from './terminal.js';

const GROUPS = [
  configurationCommands,
  documentCommands,
  statusCommands,
  historyCommands,
  controlCommands,
  explainCommands,
  reconcileCommands,
  holdCommands,
  deadLetterCommands,
  secretCommands,
  auditCommands,
];

/** Runs one command line; answers the exit code. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok;
  const finish = (code: number) => void (exitCode = code);
  const program = createProgram(terminal, finish);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, terminal);
  }
}

function createProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command('provisor')
    .description("Provisor keeps accounts at service providers in step with an organisation's identities.")
    .version(version(), '--version', 'show the version')
    .option('--url <url>', `base URL of the admin API (PROVISOR_URL; ${DEFAULT_URL})`)
    .option(
      '--token-file <file>',
      `file with the bearer token (PROVISOR_TOKEN, PROVISOR_TOKEN_FILE; ${LOCAL_TOKEN_FILE} here or above)`,
    )
    .addOption(new Option('-o, --output <format>', 'form of the output').choices(FORMATS).default('table'))
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showHelpAfterError('Try --help.')
    .showSuggestionAfterError()
    .addHelpText('after', HELP);
  // What stands after the command's name wins over what stands before it.
  const contextOf = (command: Command): Context =>
    createContext(terminal, { ...program.opts<GlobalOptions>(), ...command.opts<Partial<GlobalOptions>>() }, finish);
  for (const group of GROUPS) group(program, contextOf);
  throwInsteadOfExiting(program);
  return program;
}

/** Commands inherit the settings that were made before they were added, these they take one by one. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    throwInsteadOfExiting(child);
    addGlobalOptions(child);
  }
}

/** So that `provisor status -o json` works as well as `provisor -o json status`. */
function addGlobalOptions(command: Command): void {
  if (command.commands.length > 0) return;
  command.addOption(new Option('-o, --output <format>', 'form of the output').choices(FORMATS));
  command.addOption(new Option('--url <url>', 'base URL of the admin API'));
  command.addOption(new Option('--token-file <file>', 'file with the bearer token'));
}

/** Every failure is one sentence and what to do; a stack helps nobody here. */
function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CommandError) return tell(terminal, error.code, [...error.lines, error.message]);
  if (error instanceof UnreachableError)
    return tell(terminal, EXIT.unreachable, [
      `The admin API at ${error.url} cannot be reached (${error.code}); start it, or name another one with --url or PROVISOR_URL.`,
    ]);
  if (error instanceof ProblemError) return explainProblem(error, terminal);
  return tell(terminal, EXIT.failed, [error instanceof Error ? error.message : String(error)]);
}

function explainProblem(error: ProblemError, terminal: Terminal): number {
  if (error.status === 401 || error.status === 429)
    return tell(terminal, EXIT.unreachable, [
      `${error.detail} Give the right one with --token-file or PROVISOR_TOKEN.`,
    ]);
  const more = error.errors
    .slice(1)
    .map(({ pointer, parameter, detail }) => `${pointer ?? parameter ?? ''}: ${detail}`);
  const request = error.status >= 500 && error.requestId !== undefined ? ` (request ${error.requestId})` : '';
  return tell(terminal, EXIT.failed, [`${error.detail}${request}`, ...more]);
}

function tell(terminal: Terminal, code: number, lines: readonly string[]): number {
  terminal.err(`${lines.join('\n')}\n`);
  return code;
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

const HELP = `
Examples:
  provisor apply -f provisor.yaml        store a configuration
  provisor status --watch                see how far everything is
  provisor timeline my-sp jdoe           what happened to one person at one service provider
  provisor results -f --outcome rejected follow what goes wrong

Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 not reachable or not authorised, 4 differences (diff).`;
