import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { asMarkdown, merge, type Row } from './rows.js';

const BEGIN = '<!-- Written by npm run chaos -- --publish; do not edit. -->';
const END = '<!-- End of what npm run chaos writes. -->';

const PAGE = `# Reliability, as measured

`;

const SECTION = `## Faults injected into a real installation

Kafka, PostgreSQL, an LDAP directory and the four services run as processes of one machine, behind TCP proxies; the service providers are
simulators with a ledger. While a seeded generator creates (30 %), changes (50 %), disables (10 %), deletes (5 %) and restores (5 %) people,
and changes groups beside, one fault is injected. Then it heals, and when everything has settled a checker compares the history of the
source, the ledgers, the topics, the tables and the committed offsets. Recovery is the time from the end of the fault until everything is as
it should be, which includes up to 15 s for which the broker keeps the place of a consumer that was killed.
`;

const INVARIANTS = `What is checked: the service providers have what the source says (I1); accounts that no source knows are untouched (I2); writes
of an account never go back to an older state and never overlap (I3); one create for each account (I4); nothing after a removal (I5); nothing
that the source never said (I6); at most 5 % of the writes change nothing, left out those of a masked value alone,
one for each answer that was lost about the account, because nobody can compare it (I7); each accepted version has exactly one terminal result and
there are no dead letters (I8); a committed offset is never ahead of the table (I10); the rate limit is kept (I11); removals beyond the guard
wait (I12, in F29); no secret and no masked value in logs, results, dead letters and metrics (I13).
`;

/** Adds the rows to what was published before, in `docs/reliability.md`; the figures themselves lie beside it. */
export async function publish(root: string, rows: readonly Row[]): Promise<string> {
  const page = join(root, 'docs', 'reliability.md');
  const figures = join(root, 'docs', 'reliability.chaos.json');
  const before = existsSync(figures) ? (JSON.parse(readFileSync(figures, 'utf8')) as Row[]) : [];
  const all = merge([...before, ...rows]);
  writeFileSync(figures, await format(JSON.stringify(all), { parser: 'json', printWidth: 120 }));
  const text = existsSync(page) ? readFileSync(page, 'utf8') : PAGE;
  const section = [BEGIN, SECTION, asMarkdown(all), INVARIANTS, END].join('\n\n');
  writeFileSync(page, await format(placed(text, section), { parser: 'markdown' }));
  return page;
}

/** Where the section was, else at the end. */
export function placed(text: string, section: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
  return text.slice(0, from) + section + text.slice(to + END.length);
}
