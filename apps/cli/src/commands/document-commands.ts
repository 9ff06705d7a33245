import type { DocumentRecord } from '@provisor/admin-client';
import { DOCUMENT_KINDS, didYouMean, type DocumentKind } from '@provisor/contracts';
import type { Command } from 'commander';
import type { CommandGroup, Context } from '../context.js';
import { CommandError, EXIT } from '../exit.js';
import { print, yamlDocuments } from '../output/print.js';
import { table } from '../output/table.js';

/** Commands that show and remove stored documents. */
export const documentCommands: CommandGroup = (program, contextOf) => {
  program
    .command('get')
    .description('Show stored documents')
    .argument('[kind]', 'DataStore or SpConnection')
    .argument('[name]', 'name of one document')
    .option('--versions', 'the versions of one document, newest first')
    .addHelpText('after', EXAMPLES.get)
    .action(
      async (kindText: string | undefined, name: string | undefined, o: { versions?: boolean }, command: Command) => {
        const context = contextOf(command);
        const kind = kindText === undefined ? undefined : kindOf(kindText);
        if (o.versions === true) await showVersions(context, kind, name);
        else if (kind !== undefined && name !== undefined) await showOne(context, kind, name);
        else await showAll(context, kind);
      },
    );

  program
    .command('export')
    .description('Write all stored documents as YAML that apply reads; secrets stay encrypted')
    .argument('[kind]', 'DataStore or SpConnection')
    .addHelpText('after', EXAMPLES.export)
    .action(async (kindText: string | undefined, _: object, command: Command) => {
      const context = contextOf(command);
      const records = await list(context, kindText === undefined ? undefined : kindOf(kindText));
      const documents = records.map(({ document }) => document);
      if (context.format === 'json') context.terminal.out(`${JSON.stringify(documents, null, 2)}\n`);
      else context.terminal.out(yamlDocuments(documents));
    });

  program
    .command('delete')
    .description('Remove one document; accounts at the service provider stay as they are')
    .argument('<kind>', 'DataStore or SpConnection')
    .argument('<name>')
    .option('--dry-run', 'check only')
    .addHelpText('after', EXAMPLES.delete)
    .action(async (kindText: string, name: string, o: { dryRun?: boolean }, command: Command) => {
      const context = contextOf(command);
      const report = await context.client().deleteDocument({
        params: { kind: kindOf(kindText), name },
        query: { dryRun: o.dryRun === true ? 'true' : 'false' },
      });
      const done = o.dryRun === true ? 'would be deleted' : 'deleted';
      print(context.terminal, context.format, report, () => `${report.kind}/${report.name} ${done}.\n`);
    });
};

async function showAll(context: Context, kind: DocumentKind | undefined): Promise<void> {
  const records = await list(context, kind);
  print(context.terminal, context.format, records, () =>
    records.length === 0
      ? 'There are no documents yet; store some with `provisor apply -f FILE`.\n'
      : table<DocumentRecord>(
          [
            { title: 'KIND', value: ({ document }) => document.kind },
            { title: 'NAME', value: ({ document }) => document.metadata.name },
            {
              title: 'TYPE',
              value: ({ document }) => (document.kind === 'DataStore' ? document.spec.type : document.spec.target.type),
            },
            { title: 'VERSION', value: ({ version }) => String(version), align: 'right' },
            { title: 'APPLIED', value: ({ appliedAt }) => appliedAt },
            { title: 'BY', value: ({ appliedBy }) => appliedBy },
          ],
          records,
        ),
  );
}

async function list(context: Context, kind: DocumentKind | undefined): Promise<readonly DocumentRecord[]> {
  const { documents } = await context.client().listDocuments({ query: { kind } });
  return documents;
}

async function showOne(context: Context, kind: DocumentKind, name: string): Promise<void> {
  const record = await context.client().getDocument({ params: { kind, name } });
  const value = context.format === 'json' ? record : record.document;
  print(context.terminal, context.format, value, () => yamlDocuments([record.document]));
}

async function showVersions(context: Context, kind: DocumentKind | undefined, name: string | undefined): Promise<void> {
  if (kind === undefined || name === undefined)
    throw new CommandError(
      EXIT.usage,
      'Versions are those of one document: provisor get SpConnection my-sp --versions.',
    );
  const { versions } = await context.client().listDocumentVersions({ params: { kind, name } });
  print(context.terminal, context.format, versions, () =>
    table(
      [
        { title: 'VERSION', value: ({ version }) => String(version), align: 'right' },
        { title: 'CHANGE', value: ({ change }) => change },
        { title: 'APPLIED', value: ({ appliedAt }) => appliedAt },
        { title: 'BY', value: ({ appliedBy }) => appliedBy },
      ],
      versions,
    ),
  );
}

const SHORT: Readonly<Record<string, DocumentKind>> = {
  datastore: 'DataStore',
  datastores: 'DataStore',
  ds: 'DataStore',
  spconnection: 'SpConnection',
  spconnections: 'SpConnection',
  sp: 'SpConnection',
};

function kindOf(text: string): DocumentKind {
  const kind = SHORT[text.toLowerCase().replaceAll('-', '')];
  if (kind) return kind;
  const meant = didYouMean(text, DOCUMENT_KINDS);
  const hint = meant === undefined ? `the kinds are ${DOCUMENT_KINDS.join(' and ')}.` : `did you mean ${meant}?`;
  throw new CommandError(EXIT.usage, `There is no kind "${text}"; ${hint}`);
}

const EXAMPLES = {
  get: `
Examples:
  provisor get
  provisor get SpConnection my-sp
  provisor get SpConnection my-sp --versions
  provisor get DataStore -o json`,
  export: `
Examples:
  provisor export > backup.yaml
  provisor export SpConnection | provisor diff -f -`,
  delete: `
Examples:
  provisor delete SpConnection my-sp --dry-run
  provisor delete SpConnection my-sp`,
};
