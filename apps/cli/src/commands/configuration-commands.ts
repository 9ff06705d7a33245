import { ProblemError, type ApplyReport } from '@provisor/admin-client';
import type { Document } from '@provisor/contracts';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { changeLines, changeSummary } from '../configuration/change-lines.js';
import { loadConfiguration, mistakesIn, type LoadedConfiguration } from '../configuration/configuration-files.js';
import { EXIT } from '../exit.js';
import { print } from '../output/print.js';

interface FileOptions {
  readonly file: readonly string[];
}

const FILE = ['-f, --file <path...>', 'file, folder or - for standard input; may be given several times'] as const;

/** Commands that read configuration files. */
export const configurationCommands: CommandGroup = (program, contextOf) => {
  program
    .command('apply')
    .description('Store configuration documents, all or none; what is as stored already stays untouched')
    .requiredOption(...FILE)
    .option('--dry-run', 'check and compare only')
    .addHelpText('after', EXAMPLES.apply)
    .action(async (options: FileOptions & { dryRun?: boolean }, command: Command) => {
      const context = contextOf(command);
      const report = await send(context, await load(context, options), options.dryRun === true);
      print(context.terminal, context.format, report, () => appliedText(report, context));
    });

  program
    .command('diff')
    .description('Show what apply would change; exit code 4 if anything would')
    .requiredOption(...FILE)
    .addHelpText('after', EXAMPLES.diff)
    .action(async (options: FileOptions, command: Command) => {
      const context = contextOf(command);
      const report = await send(context, await load(context, options), true);
      const changes = report.changes.filter(({ change }) => change !== 'unchanged');
      print(context.terminal, context.format, report, () =>
        changes.length === 0
          ? 'No differences.\n'
          : `${changeLines(changes, context.paint)}${changeSummary(report.changes)}\n`,
      );
      if (changes.length > 0) context.finish(EXIT.differences);
    });

  program
    .command('validate')
    .description('Check configuration files without a server: form, names, places; not expressions and filters')
    .requiredOption(...FILE)
    .addHelpText('after', EXAMPLES.validate)
    .action(async (options: FileOptions, command: Command) => {
      const context = contextOf(command);
      const { documents } = await loadConfiguration(context.terminal, options.file, { complete: true });
      const names = documents.map(({ kind, metadata }) => ({ kind, name: metadata.name }));
      print(
        context.terminal,
        context.format,
        { valid: true, documents: names },
        () => `${documents.length} documents, no mistake found.\n`,
      );
    });
};

const load = (context: Context, { file }: FileOptions) => loadConfiguration(context.terminal, file);

async function send(context: Context, configuration: LoadedConfiguration, dryRun: boolean): Promise<ApplyReport> {
  const documents: readonly Document[] = configuration.documents;
  try {
    return await context.client().applyDocuments({ query: { dryRun: dryRun ? 'true' : 'false' }, body: { documents } });
  } catch (error) {
    if (error instanceof ProblemError && error.status === 422) throw mistakesIn(configuration, error) ?? error;
    throw error;
  }
}

function appliedText({ changes, dryRun }: ApplyReport, { paint }: Context): string {
  return `${changeLines(changes, paint)}${dryRun ? 'Would be: ' : ''}${changeSummary(changes)}\n`;
}

const EXAMPLES = {
  apply: `
Examples:
  provisor apply -f provisor.yaml
  provisor apply -f config/ --dry-run
  kustomize build . | provisor apply -f -`,
  diff: `
Examples:
  provisor diff -f provisor.yaml
  provisor diff -f config/ || echo "something would change"`,
  validate: `
Examples:
  provisor validate -f provisor.yaml
  provisor validate -f config/ -o json`,
};
