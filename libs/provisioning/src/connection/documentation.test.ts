import { readFileSync } from 'node:fs';
import { describeProblem, readConfiguration } from '@provisor/contracts';
import { expect, test } from 'vitest';
import { compileExpression } from '../attribute-mapping/expression.js';
import { compileConnection } from './compile-connection.js';

const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');

test('the example of the documentation is read and compiled without complaint', () => {
  const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
  const { documents, problems } = readConfiguration(example, { file: 'configuration.md', complete: true });
  expect(problems.map(describeProblem)).toEqual([]);
  expect(documents.map(({ kind }) => kind)).toEqual(['DataStore', 'SpConnection']);
  for (const document of documents) if (document.kind === 'SpConnection') compileConnection(document, 1);
});

test('the expressions of the documentation can be used', () => {
  const section = /### Expressions\n([^]*?)\n## /.exec(page)?.[1] ?? '';
  const expressions = [...section.matchAll(/^\| `(.+?)` +\|/gm)].map(([, text]) => text ?? '');
  expect(expressions.length).toBeGreaterThan(5);
  for (const text of expressions) expect(() => compileExpression(text), text).not.toThrow();
});
