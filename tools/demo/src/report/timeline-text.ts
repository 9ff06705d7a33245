import type { AdminClient } from '@provisor/admin-client';
import { table } from '../terminal/table.js';

type ProvisioningResult = Awaited<ReturnType<AdminClient['getTimeline']>>['results'][number];

/** What happened to one object at one SP connection, a line per attempt, oldest first. */
export function timelineText(results: readonly ProvisioningResult[]): string {
  const rows = results.map((result) => [
    time(result.occurredAt),
    time(result.finishedAt),
    result.operation,
    result.outcome,
    describe(result),
    result.targetMs === undefined ? '' : `${Math.round(result.targetMs)} ms`,
    result.traceId ?? '',
  ]);
  return table([['at the source', 'done', 'operation', 'outcome', 'what', 'target', 'trace id'], ...rows]);
}

function describe(result: ProvisioningResult): string {
  const parts = [
    ...(result.changed === undefined || result.changed.length === 0 ? [] : [shorten(result.changed.join(', '))]),
    ...(result.members === undefined ? [] : [`${result.members.count} memberships`]),
    ...(result.httpStatus === undefined ? [] : [`HTTP ${result.httpStatus}`]),
    ...(result.attempt > 1 ? [`attempt ${result.attempt}`] : []),
    ...(result.cause === undefined ? [] : [shorten(result.cause)]),
  ];
  return parts.join('; ');
}

const time = (instant: string | undefined): string => instant?.slice(11, 23) ?? '';
const shorten = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}…`);
