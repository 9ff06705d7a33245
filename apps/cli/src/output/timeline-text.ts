import type { ProvisioningResult, Timeline } from '@provisor/admin-client';
import type { Paint } from '../terminal.js';
import { durationWords } from './duration-words.js';
import { detailParts, outcomeColour } from './result-line.js';
import { printable } from './table.js';

/** The story of one object, for people. */
export function timelineText(timeline: Timeline, paint: Paint): string {
  const title = `${paint.bold(printable(timeline.label ?? timeline.objectId))} at ${timeline.spConnection}`;
  const lines = [
    `${title}  ${paint.dim(timeline.objectId)}\n`,
    timeline.earlier === undefined ? '' : paint.dim('  … there are earlier results\n'),
    ...timeline.results.map((result, index) => step(result, timeline.results[index - 1], paint)),
    timeline.results.length === 0 ? '  No result is known so far.\n' : '',
    `now     ${currentText(timeline)}\n`,
  ];
  return lines.join('');
}

/** What led to an attempt is told once for each version of the object. */
function step(result: ProvisioningResult, before: ProvisioningResult | undefined, paint: Paint): string {
  const { version, occurredAt, mappedAt, startedAt, finishedAt, traceId, remedy } = result;
  const known = before?.version.sequence === version.sequence && before.version.config === version.config;
  const cause = result.reason === undefined ? '' : ` (${result.reason})`;
  const head = [
    ...(occurredAt === undefined
      ? []
      : [line(occurredAt, `change at the source, version ${version.sequence}/${version.config}`)]),
    ...(mappedAt === undefined ? [] : [line(mappedAt, `command${cause}${since(occurredAt, mappedAt)}`)]),
  ];
  const outcome = outcomeColour(result.outcome, paint)(result.outcome);
  const attempt = result.attempt > 0 ? ` attempt ${result.attempt}` : '';
  const timing =
    result.targetMs === undefined
      ? ''
      : ` (${Math.round(result.targetMs)} ms at the target, ${result.requests ?? '?'} requests)`;
  const details = detailParts(result).join('  ');
  return [
    ...(known ? [] : head),
    ...(traceId === undefined || traceId === before?.traceId ? [] : [paint.dim(`          trace ${traceId}\n`)]),
    line(startedAt ?? finishedAt, `${result.operation}${attempt}: ${outcome}  ${details}${timing}`),
    ...(remedy === undefined ? [] : [`          What to do: ${printable(remedy)}\n`]),
  ].join('');
}

const line = (instant: string, text: string) => `  ${instant}  ${text}\n`;

function since(earlier: string | undefined, later: string): string {
  if (earlier === undefined) return '';
  const ms = Date.parse(later) - Date.parse(earlier);
  return ms < 0 ? '' : `, ${durationWords(ms)} later`;
}

function currentText({ current, summary }: Timeline): string {
  if (!current.known) return `unknown: ${current.reason ?? 'the dispatcher does not answer'}`;
  if (!current.state) return current.reason ?? 'not known to the dispatcher';
  const { state, targetId, waitsFor, nextAttemptAt } = current.state;
  const parts = [
    textOf(state) ?? summary?.outcome ?? 'known to the dispatcher',
    ...(targetId === null ? ['no account'] : named('target id', targetId ?? summary?.targetId)),
    ...named('waits for', waitsFor),
    ...named('next attempt', nextAttemptAt),
  ];
  return parts.join('; ');
}

const textOf = (value: unknown) => (typeof value === 'string' ? printable(value) : undefined);

function named(what: string, value: unknown): string[] {
  const text = textOf(value);
  return text === undefined ? [] : [`${what} ${text}`];
}
