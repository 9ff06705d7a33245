import type { ApplyReport } from '@provisor/admin-client';
import { printable } from '../output/table.js';
import type { Paint } from '../terminal.js';

type Change = ApplyReport['changes'][number];
type Difference = Change['differences'][number];

const SIGNS: Readonly<Record<Change['change'], string>> = { created: '+', updated: '~', deleted: '-', unchanged: '=' };
const LONGEST = 200;

/** What changed in each document, for people: a line per document and a line per difference. */
export function changeLines(changes: readonly Change[], paint: Paint): string {
  return changes.map((change) => changeText(change, paint)).join('');
}

function changeText(change: Change, paint: Paint): string {
  const version = change.version === undefined ? '' : paint.dim(` (version ${change.version})`);
  const head = `${SIGNS[change.change]} ${change.kind}/${change.name} ${change.change}`;
  const colour = { created: paint.green, updated: paint.yellow, deleted: paint.red, unchanged: paint.dim }[
    change.change
  ];
  const details = change.change === 'updated' ? change.differences.map((item) => differenceLine(item, paint)) : [];
  return `${colour(head)}${version}\n${details.join('')}`;
}

function differenceLine({ pointer, before, after }: Difference, paint: Paint): string {
  const path = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
  if (before === undefined) return `    ${paint.green(`+ ${path}: ${valueText(after)}`)}\n`;
  if (after === undefined) return `    ${paint.red(`- ${path}: ${valueText(before)}`)}\n`;
  return `    ~ ${path}: ${paint.red(valueText(before))} → ${paint.green(valueText(after))}\n`;
}

function valueText(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** `2 created, 1 updated, 3 unchanged`. */
export function changeSummary(changes: readonly Change[]): string {
  const kinds = ['created', 'updated', 'deleted', 'unchanged'] as const;
  const counts = kinds.map((kind) => [kind, changes.filter(({ change }) => change === kind).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
