import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const HEADINGS = ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'];

/**
 * Every alert names a page that says what it means and what to do.
 *
 * @param {string} root of the repository
 * @returns {string[]} problems, in words
 */
export function runbookViolations(root) {
  const { groups } = parse(readFileSync(join(root, 'k8s/monitoring/alerts.yaml'), 'utf8'));
  return groups
    .flatMap(({ rules }) => rules)
    .filter(({ alert }) => alert !== undefined)
    .flatMap(({ alert, annotations }) => {
      const page = annotations?.runbook;
      if (page === undefined) return [`${alert} names no runbook.`];
      if (!existsSync(join(root, page))) return [`${alert} names ${page}, which is not there.`];
      const lines = new Set(readFileSync(join(root, page), 'utf8').split('\n'));
      return HEADINGS.filter((heading) => !lines.has(heading)).map((heading) => `${page} has no "${heading}".`);
    });
}
