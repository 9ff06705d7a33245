import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { describeProblem, readConfiguration, type Document, type ReadConfiguration } from '@provisor/contracts';
import { formatPath } from '@provisor/contracts';
import type { ProblemError } from '@provisor/admin-client';
import { CommandError, EXIT } from '../exit.js';
import type { Terminal } from '../terminal.js';

/** The documents of some files, each with the reading that knows where its parts stand. */
export interface LoadedConfiguration {
  readonly documents: readonly Document[];
  /** `file:line:column path: message` for a finding of the API about `documents[index]`. */
  readonly place: (index: number, path: readonly PropertyKey[], found: { message: string; expected: string }) => string;
}

interface Loaded {
  readonly document: Document;
  readonly reading: ReadConfiguration;
}

/**
 * Reads files, folders (every .yaml, .yml and .json below) and `-` (standard input). Throws a CommandError that names every mistake
 * with file, line, column, path and what was expected.
 */
export async function loadConfiguration(
  terminal: Terminal,
  paths: readonly string[],
  options: { complete?: boolean } = {},
): Promise<LoadedConfiguration> {
  const texts = await Promise.all(
    paths.flatMap((path) => (path === '-' ? ['-'] : filesAt(terminal.cwd, path))).map((file) => read(terminal, file)),
  );
  // Whether all data stores are there can be said of all the files together only.
  const complete = options.complete === true && texts.length === 1;
  const readings = texts.map(({ file, text }) => readConfiguration(text, { file, complete }));
  const problems = readings.flatMap(({ problems: found }) => found.map(describeProblem));
  if (problems.length > 0) throw new CommandError(EXIT.failed, mistakes(problems.length), problems);
  const loaded = readings.flatMap((reading) => reading.documents.map((document): Loaded => ({ document, reading })));
  if (loaded.length === 0) throw new CommandError(EXIT.failed, `There are no documents in ${paths.join(', ')}.`);
  return {
    documents: loaded.map(({ document }) => document),
    place: (index, path, found) => placeOf(loaded[index], path, found),
  };
}

/** A refusal of the API as mistakes in the files that the documents came from; undefined where it is about something else. */
export function mistakesIn(configuration: LoadedConfiguration, error: ProblemError): CommandError | undefined {
  const lines = error.errors.map(({ pointer, detail, expected }) => {
    const [, index, ...path] = (pointer ?? '').slice(1).split('/').map(unescape);
    const found = {
      message: withExpectation(detail, expected),
      expected: expected ?? '',
    };
    return configuration.place(Number(index), path.map(toStep), found);
  });
  return lines.length === 0 ? undefined : new CommandError(EXIT.failed, mistakes(lines.length), lines);
}

/** The API's sentence and, unless it says so already, what would be right. */
const withExpectation = (detail: string, expected: string | undefined) =>
  expected === undefined || /expected/i.test(detail) ? detail : `${detail} Expected: ${expected}.`;

const mistakes = (count: number) =>
  count === 1
    ? 'There is a mistake in the configuration; nothing was changed.'
    : `There are ${count} mistakes in the configuration; nothing was changed.`;

/** RFC 6901 §4. */
const unescape = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');
const toStep = (step: string) => (/^\d+$/.test(step) ? Number(step) : step);

function placeOf(
  loaded: Loaded | undefined,
  path: readonly PropertyKey[],
  found: { message: string; expected: string },
): string {
  if (!loaded) return found.message;
  return describeProblem(loaded.reading.problemAt(loaded.document, { path: formatPath(path), ...found }));
}

async function read(terminal: Terminal, file: string): Promise<{ file: string; text: string }> {
  if (file === '-') return { file: 'standard input', text: await terminal.readInput() };
  try {
    return { file: shown(terminal.cwd, file), text: readFileSync(file, 'utf8') };
  } catch (error) {
    throw unreadable(file, error);
  }
}

function filesAt(cwd: string, path: string): string[] {
  const full = resolve(cwd, path);
  try {
    return statSync(full).isDirectory() ? filesBelow(full) : [full];
  } catch (error) {
    throw unreadable(path, error);
  }
}

function filesBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => /\.(ya?ml|json)$/i.test(name)).map((name) => join(directory, name));
  if (files.length > 0) return files;
  throw new CommandError(EXIT.failed, `There is no .yaml, .yml or .json file in ${directory}.`);
}

function shown(cwd: string, file: string): string {
  const short = relative(cwd, file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
}

function unreadable(path: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'there is no such file or folder' : (code ?? 'unknown reason');
  return new CommandError(EXIT.failed, `${path} cannot be read: ${reason}.`);
}
