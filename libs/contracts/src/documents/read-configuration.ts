import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
} from 'yaml';
import { didYouMean } from './did-you-mean.js';
import { formatPath, parsePath } from './document-path.js';
import { document as documentSchema, documentKey, type Document } from './document.js';
import { issuesInWords } from './issue-in-words.js';

/** Something wrong with a configuration file, with its place. */
export interface ConfigurationFileProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** In the document, such as `spec.target.baseUrl`; empty where it is about the file or a whole document. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}

export interface ReadConfiguration {
  /** The documents without problems, defaults filled in, in the order of the file. */
  readonly documents: readonly Document[];
  readonly problems: readonly ConfigurationFileProblem[];
  /** Where a path of one of the `documents` stands, to give later findings a place. */
  readonly problemAt: (
    document: Document,
    found: { path: string; message: string; expected: string },
  ) => ConfigurationFileProblem;
}

export interface ReadConfigurationOptions {
  /** Name of the file in problems. */
  readonly file?: string;
  /** The file is all there is: data stores that channels name have to be in it. */
  readonly complete?: boolean;
  /** Longest text that is read, in characters; 5 million where absent. */
  readonly maxLength?: number;
}

const MAX_LENGTH = 5_000_000;
const MAX_DOCUMENTS = 10_000;
const MAX_PROBLEMS = 200;

/**
 * Reads a configuration file: YAML with one or several documents, or JSON (one document or a list of documents). Never throws on
 * what a file contains: whatever is wrong comes back with line, column and path, and the other documents are still read.
 */
export function readConfiguration(text: string, options: ReadConfigurationOptions = {}): ReadConfiguration {
  const reading = new Reading(options.file ?? 'configuration');
  const maxLength = options.maxLength ?? MAX_LENGTH;
  if (text.length > maxLength) {
    const expected = `at most ${maxLength} characters`;
    reading.report({
      offset: 0,
      path: '',
      message: `the file has ${text.length} characters; expected ${expected}`,
      expected,
    });
  } else {
    reading.read(text);
    if (options.complete === true) reading.checkReferences();
  }
  return reading.result();
}

/** One line for people: `sp.yaml:14:7 spec.target.baseUrl: expected an http(s) URL, got "htp://x"`. */
export function describeProblem(problem: ConfigurationFileProblem): string {
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  return `${problem.file}:${problem.line}:${problem.column}${path} ${problem.message}`;
}

interface Found {
  readonly offset: number;
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}
interface Place {
  readonly yaml: YamlDocument;
  /** Of the document in the YAML document: an index where a list of documents is given. */
  readonly prefix: readonly (string | number)[];
}

class Reading {
  private readonly documents: Document[] = [];
  private readonly problems: ConfigurationFileProblem[] = [];
  private readonly places = new Map<Document, Place>();
  private readonly seen = new Map<string, string>();
  private readonly lines = new LineCounter();
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  read(text: string): void {
    const parsed = parseAllDocuments(text, {
      lineCounter: this.lines,
      prettyErrors: false,
      logLevel: 'silent',
      uniqueKeys: true,
    });
    for (const yaml of [...parsed].slice(0, MAX_DOCUMENTS)) this.readYaml(yaml);
    if (parsed.length > MAX_DOCUMENTS)
      this.report({
        offset: 0,
        path: '',
        message: `there are ${parsed.length} documents`,
        expected: `at most ${MAX_DOCUMENTS} documents`,
      });
  }

  checkReferences(): void {
    const stores = this.documents.filter(({ kind }) => kind === 'DataStore').map(({ metadata }) => metadata.name);
    for (const found of this.documents) {
      if (found.kind !== 'SpConnection') continue;
      for (const [index, { dataStore }] of found.spec.channels.entries()) {
        if (stores.includes(dataStore)) continue;
        const meant = didYouMean(dataStore, stores);
        const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
        const expected = stores.length === 0 ? 'a document of kind DataStore' : `one of ${stores.join(', ')}`;
        this.problems.push(
          this.problemAt(found, {
            path: `spec.channels[${index}].dataStore`,
            message: `there is no data store "${dataStore}" in this file${hint}`,
            expected,
          }),
        );
      }
    }
  }

  report({ offset, ...found }: Found): void {
    const { line, col } = this.lines.linePos(offset);
    this.problems.push({ file: this.file, line: Math.max(1, line), column: Math.max(1, col), ...found });
  }

  result(): ReadConfiguration {
    const problems = this.problems.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS);
    return { documents: this.documents, problems, problemAt: (found, about) => this.problemAt(found, about) };
  }

  private problemAt(
    found: Document,
    about: { path: string; message: string; expected: string },
  ): ConfigurationFileProblem {
    const place = this.places.get(found);
    const offset = place === undefined ? 0 : offsetAt(place.yaml, [...place.prefix, ...parsePath(about.path)]);
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col), ...about };
  }

  private readYaml(yaml: YamlDocument): void {
    for (const error of yaml.errors)
      this.report({
        offset: error.pos[0],
        path: '',
        message: `this is not YAML: ${error.message}`,
        expected: 'YAML or JSON',
      });
    if (yaml.errors.length > 0 || yaml.contents === null) return;
    let content: unknown;
    try {
      content = yaml.toJS({ maxAliasCount: 50 });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.report({
        offset: yaml.range?.[0] ?? 0,
        path: '',
        message: `this cannot be read: ${message}`,
        expected: 'few aliases',
      });
      return;
    }
    if (content === null) return;
    if (Array.isArray(content))
      for (const [index, item] of content.entries()) this.readDocument(item, { yaml, prefix: [index] });
    else this.readDocument(content, { yaml, prefix: [] });
  }

  private readDocument(content: unknown, place: Place): void {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      const expected = 'a document with apiVersion, kind, metadata and spec';
      this.report({ offset: offsetAt(place.yaml, place.prefix), path: '', message: `expected ${expected}`, expected });
      return;
    }
    const parsed = documentSchema.safeParse(content);
    if (!parsed.success) {
      for (const { path, key, missing, message, expected } of issuesInWords(
        documentSchema,
        content,
        parsed.error.issues,
      )) {
        const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
        const offset = offsetAt(
          place.yaml,
          [...place.prefix, ...(key === undefined ? steps : [...steps, key])],
          key !== undefined,
        );
        this.report({
          offset,
          path: formatPath(missing === true || key === undefined ? path : [...path, key]),
          message,
          expected,
        });
      }
      return;
    }
    this.accept(parsed.data, place);
  }

  private accept(found: Document, place: Place): void {
    this.places.set(found, place);
    const key = documentKey(found.kind, found.metadata.name);
    const problem = this.problemAt(found, {
      path: 'metadata.name',
      message: `there is another ${found.kind} "${found.metadata.name}", at ${this.seen.get(key) ?? ''}`,
      expected: 'a name of its own for each document of a kind',
    });
    if (this.seen.has(key)) {
      this.problems.push(problem);
      return;
    }
    this.seen.set(key, `line ${problem.line}`);
    this.documents.push(found);
  }
}

/** Where the value at a path begins, or its key; where it is missing, the nearest thing around it. */
function offsetAt(yaml: YamlDocument, path: readonly (string | number)[], atKey = false): number {
  let node: unknown = yaml.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    if (atKey && index === path.length - 1 && isMap(node)) return startOf(keyNode(node, step)) ?? offset;
    const before = node;
    node = stepInto(yaml, node, step);
    const found = startOf(node) ?? (isMap(before) ? startOf(keyNode(before, step)) : undefined);
    if (found === undefined) return offset;
    offset = found;
  }
  return offset;
}

function stepInto(yaml: YamlDocument, node: unknown, step: string | number): unknown {
  const child: unknown = isCollection(node) ? node.get(step, true) : undefined;
  return isAlias(child) ? child.resolve(yaml) : child;
}

const keyNode = (map: { items: readonly { key: unknown }[] }, key: string | number): unknown =>
  map.items.find((pair) => (isScalar(pair.key) ? String(pair.key.value) : pair.key) === String(key))?.key;

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
