import type { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { descriptionAt, keysAt } from './schema-walk.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One thing that is wrong in a document, before it has a place in a file. */
export interface WordedIssue {
  readonly path: Path;
  /** The key that is wrong itself, rather than the value at `path`. */
  readonly key?: string;
  /** The value is not there. */
  readonly missing?: boolean;
  readonly message: string;
  readonly expected: string;
}

/** Says what a schema has to say about a document so that a person understands it. Values that may be secret are not repeated. */
export function issuesInWords(schema: z.core.$ZodType, content: unknown, issues: readonly Issue[]): WordedIssue[] {
  return issues.flatMap((issue) => new IssueWriter(schema, content).write(issue, issue.path));
}

const SECRET = /password|token|secret|credential|encrypted|^value$/i;

class IssueWriter {
  private readonly schema: z.core.$ZodType;
  private readonly content: unknown;

  constructor(schema: z.core.$ZodType, content: unknown) {
    this.schema = schema;
    this.content = content;
  }

  write(issue: Issue, path: Path): WordedIssue[] {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.unknownKey(path, key));
    if (issue.code === 'invalid_union') return this.union(issue, path);
    if (issue.code === 'invalid_key' || issue.code === 'invalid_element')
      return issue.issues.flatMap((inner) => this.write(inner, [...path, ...inner.path]));
    return [this.wrong(path, this.expectation(issue, path))];
  }

  private unknownKey(path: Path, key: string): WordedIssue {
    const keys = keysAt(this.schema, path, this.content);
    const meant = didYouMean(key, keys);
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    return { path, key, message: `unknown key "${key}"${hint}`, expected: meant ?? `one of ${keys.join(', ')}` };
  }

  private union(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): WordedIssue[] {
    if (issue.discriminator !== undefined) {
      const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      return [this.wrong(path, this.oneOf(options), options)];
    }
    const value = this.valueAt(path);
    const fitting = issue.errors.filter((branch) => branch.every((inner) => !this.isAnotherKind(inner, path)));
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1)
      return only.flatMap((inner) => this.write(inner, [...path, ...inner.path]));
    const unknown = this.unknownKeysOfUnion(path, value);
    return unknown.length > 0 ? unknown : [this.wrong(path, this.describedAs(path) ?? 'another value')];
  }

  /** Keys that no branch of a union knows. */
  private unknownKeysOfUnion(path: Path, value: unknown): WordedIssue[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    const known = new Set(keysAt(this.schema, path, this.content));
    return Object.keys(value)
      .filter((key) => !known.has(key))
      .map((key) => this.unknownKey(path, key));
  }

  /** The branch is about something else: the value has another type, or a key that the branch demands is not there. */
  private isAnotherKind(inner: Issue, path: Path): boolean {
    const value = this.valueAt([...path, ...inner.path]);
    if (inner.path.length === 0) return inner.code === 'invalid_type' || inner.code === 'invalid_value';
    return value === undefined && inner.path.length === 1;
  }

  private expectation(issue: Issue, path: Path): string {
    switch (issue.code) {
      case 'invalid_type':
        return (
          (issue.expected === 'string' ? this.describedAs(path) : undefined) ?? TYPES[issue.expected] ?? issue.expected
        );
      case 'invalid_value':
        return this.oneOf(issue.values.map(String));
      case 'invalid_format':
        if (issue.format === 'regex') return issue.message;
        return this.describedAs(path) ?? FORMATS[issue.format] ?? issue.format;
      case 'too_small':
        return sized(issue.origin, `at least ${issue.minimum}`);
      case 'too_big':
        return sized(issue.origin, `at most ${issue.maximum}`);
      default:
        return issue.message;
    }
  }

  private oneOf(options: readonly string[]): string {
    return options.length === 1 ? `"${options[0]}"` : `one of ${options.map((option) => `"${option}"`).join(', ')}`;
  }

  private wrong(path: Path, expected: string, options: readonly string[] = []): WordedIssue {
    const value = this.valueAt(path);
    if (value === undefined) return { path, missing: true, message: `missing; expected ${expected}`, expected };
    const meant = typeof value === 'string' ? didYouMean(value, options) : undefined;
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    return { path, message: `expected ${expected}, got ${shown(value, path)}${hint}`, expected };
  }

  private describedAs(path: Path): string | undefined {
    return descriptionAt(this.schema, path, this.content)?.split(/[.;] /, 1)[0]?.replace(/\.$/, '');
  }

  private valueAt(path: Path): unknown {
    let value = this.content;
    for (const step of path)
      value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
    return value;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
};
const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL',
  datetime: 'a time such as 2026-01-31T08:00:00Z',
  base64: 'base64',
};
const SIZES: Readonly<Record<string, (bound: string) => string>> = {
  string: (bound) => (bound === 'at least 1' ? 'text that is not empty' : `${bound} characters`),
  array: (bound) => (bound === 'at least 1' ? 'a list that is not empty' : `a list of ${bound} elements`),
  number: (bound) => `a number of ${bound}`,
  int: (bound) => `a whole number of ${bound}`,
};

const sized = (origin: string, bound: string): string => SIZES[origin]?.(bound) ?? bound;

function shown(value: unknown, path: Path): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return `a group of keys (${Object.keys(value).slice(0, 5).join(', ')})`;
  if (path.some((step) => SECRET.test(String(step)))) return `${TYPES[typeof value] ?? 'a value'} (not shown)`;
  const text = JSON.stringify(value) ?? '';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
