import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface ConfigField {
  /** Name of the environment variable. */
  readonly env: string;
  /** Reads the variable's text. A blank variable counts as absent. */
  readonly schema: z.ZodType;
  readonly description: string;
  /** Shown as `[redacted]` in summaries, never echoed in a problem, and read from the file that `<env>_FILE` names if `env` is absent. */
  readonly secret?: boolean;
  /** What applies if the variable is absent, as it would be written there. */
  readonly default?: string;
}

export type ConfigFields = Readonly<Record<string, ConfigField>>;
export type ConfigOf<F extends ConfigFields> = { readonly [K in keyof F]: z.output<F[K]['schema']> };
export type Environment = Readonly<Record<string, string | undefined>>;

/** One row of the documentation of a service's environment. */
export interface ConfigRow {
  readonly env: string;
  readonly description: string;
  readonly default: string | undefined;
  readonly required: boolean;
  readonly secret: boolean;
}

export interface ConfigSpec<C> {
  /** Throws a ConfigurationProblem that names every bad variable at once. */
  parse(env: Environment): C;
  documentation(): readonly ConfigRow[];
  /** Variables and values for the start-up line of the log, secrets redacted. */
  summary(config: C): Readonly<Record<string, unknown>>;
  readonly fields: ConfigFields;
}

/** The environment does not fit: `problems` has one sentence per variable. */
export class ConfigurationProblem extends Error {
  readonly code = 'CONFIGURATION';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable: ${problems.join('; ')}.`);
    this.name = 'ConfigurationProblem';
    this.problems = problems;
  }
}

/** A service's environment as one table, from which parsing, documentation and the redacted summary are derived. */
export function defineConfig<F extends ConfigFields>(fields: F): ConfigSpec<ConfigOf<F>> {
  return {
    fields,
    parse: (env) => parseConfig(fields, env) as ConfigOf<F>,
    documentation: () => Object.values(fields).map(documentationRow),
    summary: (config) => summarize(fields, config),
  };
}

function parseConfig(fields: ConfigFields, env: Environment): Record<string, unknown> {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const text = textOf(field, fields, env);
    const parsed = text instanceof UnreadableFile ? undefined : field.schema.safeParse(text);
    if (parsed?.success === true) config[name] = parsed.data;
    else if (text instanceof UnreadableFile) problems.push(text.sentence);
    else problems.push(problemOf(field, text, parsed?.error));
  }
  if (problems.length > 0) throw new ConfigurationProblem(problems);
  return config;
}

/** A variable that names a file which cannot be read. */
class UnreadableFile {
  readonly sentence: string;

  constructor(variable: string, path: string, error: unknown) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    this.sentence = `${variable} names ${path}, which cannot be read (${code === 'ENOENT' ? 'there is no such file' : code})`;
  }
}

function textOf(field: ConfigField, fields: ConfigFields, env: Environment): string | undefined | UnreadableFile {
  const text = env[field.env]?.trim();
  if (text !== undefined && text !== '') return text;
  const file = fileVariable(field, fields);
  const path = file === undefined ? undefined : env[file]?.trim();
  if (file === undefined || path === undefined || path === '') return field.default;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    return new UnreadableFile(file, path, error);
  }
}

/** `<VARIABLE>_FILE`, which every secret has; a service that declares one itself reads it itself. */
function fileVariable(field: ConfigField, fields: ConfigFields): string | undefined {
  const variable = `${field.env}_FILE`;
  const own = Object.values(fields).some(({ env }) => env === variable);
  return field.secret === true && !own ? variable : undefined;
}

function problemOf(field: ConfigField, text: string | undefined, error: z.ZodError | undefined): string {
  if (text === undefined) return `${field.env} is missing (${withoutFullStop(field.description)})`;
  const expected = (error?.issues ?? []).map((issue) => withoutFullStop(issue.message)).join(', ');
  return `${field.env}${field.secret === true ? '' : ` is "${text}" but`} must be: ${lowerFirst(expected)}`;
}

function documentationRow(field: ConfigField): ConfigRow {
  return {
    env: field.env,
    description: field.description,
    default: field.default,
    required: field.default === undefined && !field.schema.safeParse(undefined).success,
    secret: field.secret === true,
  };
}

function summarize(fields: ConfigFields, config: object): Record<string, unknown> {
  const values = config as Readonly<Record<string, unknown>>;
  const rows = Object.entries(fields).filter(([name]) => values[name] !== undefined);
  return Object.fromEntries(
    rows.map(([name, field]) => [field.env, field.secret === true ? '[redacted]' : values[name]]),
  );
}

/** Markdown table of a service's variables, for the generated documentation. */
export function configTable(rows: readonly ConfigRow[]): string {
  const lines = rows.map((row) => {
    const standard = row.required ? 'required' : row.default === undefined ? '' : `\`${row.default}\``;
    return `| \`${row.env}\` | ${standard} | ${row.description}${row.secret ? ` Secret; may be in a file that \`${row.env}_FILE\` names.` : ''} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

const withoutFullStop = (text: string): string => text.replace(/\.$/, '');
const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;

const positiveInt = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().min(1, 'at least 1').max(max, `at most ${max}`));

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'a port number')
  .transform(Number)
  .pipe(z.int().max(65_535, 'a port number of at most 65535'));

const flag = z.enum(['true', 'false'], 'true or false').transform((text) => text === 'true');

const list = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().regex(/^[^\s,:]+:\d+$/, 'host:port, several separated by commas')).min(1));

const key = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}=?$/, '32 bytes in base64url (43 characters)')
  .transform((text) => Buffer.from(text, 'base64url'));

/** Schemas for the text of environment variables. */
export const envSchema = { flag, key, port, positiveInt, brokers: list } as const;
