import { stringify } from 'yaml';
import type { Terminal } from '../terminal.js';

export const FORMATS = ['table', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

/** Prints a value as JSON or YAML as it is, or for people as `forPeople` tells it. */
export function print<T>(terminal: Terminal, format: Format, value: T, forPeople: (value: T) => string): void {
  if (format === 'json') terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  else if (format === 'yaml') terminal.out(yamlText(value));
  else terminal.out(forPeople(value));
}

export const yamlText = (value: unknown): string => stringify(value, { lineWidth: 120, aliasDuplicateObjects: false });

/** Several documents in one file. */
export const yamlDocuments = (documents: readonly unknown[]): string => documents.map(yamlText).join('---\n');
