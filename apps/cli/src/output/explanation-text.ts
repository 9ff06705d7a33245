import type { ObjectExplanation } from '@provisor/admin-client';
import type { Paint } from '../terminal.js';
import { printable } from './table.js';

const SHOWN_EDGES = 10;

/** Everything about one object at one SP connection, for people. */
export function explanationText(one: ObjectExplanation, paint: Paint): string {
  const title = `${paint.bold(printable(one.label ?? one.objectId))} at ${one.spConnection}`;
  return [
    `${title}  ${paint.dim(printable(one.objectId))}\n`,
    line(
      'state',
      `${one.state}, version ${one.version.sequence}/${one.version.config} (${printable(one.reason)}), lane ${one.lane}`,
    ),
    line('account', one.targetId ? printable(one.targetId) : 'none is known'),
    line('desired', one.desired.presence),
    ...attributeLines(one),
    ...(one.seen ? [line('seen', `differed from what was written at ${one.seen.at} (${one.seen.presence})`)] : []),
    line('last', lastText(one)),
    line('next', one.nextAttemptAt ?? (one.state === 'done' ? 'nothing is to be done' : 'none by itself')),
    ...(one.waits ?? []).map(({ what, until }) =>
      line('waits for', `${printable(what)}${until === undefined ? '' : `, until ${until}`}`),
    ),
    ...(one.plan ? [line('plan', planText(one.plan))] : []),
    ...edgeLines(one),
  ].join('');
}

const line = (title: string, text: string) => `${title.padEnd(9)}  ${text}\n`;

export function planText({ what, set, clear }: NonNullable<ObjectExplanation['plan']>): string {
  const names = [...(set ?? []), ...(clear ?? []).map((path) => `-${path}`)];
  return `${printable(what)}${names.length === 0 ? '' : ` ${printable(names.join(', '))}`}`;
}

/** Desired beside last written, and what was seen where it differed. */
function attributeLines({ desired, applied, seen }: ObjectExplanation): string[] {
  const written = applied?.attributes ?? {};
  const paths = [...new Set([...Object.keys(desired.attributes), ...Object.keys(written)])].sort();
  return paths.map((path) => {
    const parts = [
      shown(desired.attributes[path]),
      same(desired.attributes[path], written[path]) ? '' : `  written: ${shown(written[path])}`,
      seen && path in seen.attributes ? `  seen: ${shown(seen.attributes[path])}` : '',
    ];
    return `  ${printable(path)}: ${parts.join('')}\n`;
  });
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const shown = (value: unknown) => (value === undefined ? '(none)' : printable(JSON.stringify(value)));

function lastText({ lastOutcome, attempts }: ObjectExplanation): string {
  if (!lastOutcome) return 'no attempt so far';
  const { kind, code, cause, remedy, at } = lastOutcome;
  const why = cause === undefined ? '' : `: ${printable(cause)}`;
  const todo = remedy === undefined ? '' : ` What to do: ${printable(remedy)}`;
  return `${kind} (${code}) at ${at}, attempt ${attempts}${why}${todo}`;
}

function edgeLines({ edges }: ObjectExplanation): string[] {
  const open = edges.filter(({ desired, applied }) => desired !== applied);
  if (edges.length === 0) return [];
  return [
    line('edges', `${edges.length - open.length} as desired, ${open.length} open`),
    ...open
      .slice(0, SHOWN_EDGES)
      .map(
        ({ memberId, kind, otherId, desired, waitsFor, cause }) =>
          `  ${desired ? 'add' : 'remove'} ${printable(kind)} ${printable(memberId)} → ${printable(otherId)}: waits for ${waitsFor ?? 'nothing'}${cause ? ` (${printable(cause)})` : ''}\n`,
      ),
  ];
}
