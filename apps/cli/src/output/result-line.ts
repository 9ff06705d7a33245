import type { ProvisioningResult } from '@provisor/admin-client';
import type { Paint } from '../terminal.js';
import { durationWords } from './duration-words.js';
import { printable } from './table.js';

/** One result in one line, for people. */
export function resultLine(result: ProvisioningResult, paint: Paint): string {
  const { finishedAt, spConnection, objectType, label, objectId, operation, outcome, attempt } = result;
  const parts = [
    paint.dim(finishedAt),
    spConnection,
    objectType,
    paint.bold(printable(shortLabel(label ?? objectId))),
    operation,
    outcomeColour(outcome, paint)(outcome),
    ...detailParts(result),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(result.traceId === undefined ? [] : [paint.dim(`trace ${result.traceId}`)]),
  ];
  return `${parts.join('  ')}\n`;
}

/** Code, cause and what was changed; the latency from the source to the target where it was applied. */
export function detailParts(result: ProvisioningResult): string[] {
  const { outcome, code, cause, changed, httpStatus, nextAttemptAt, occurredAt, finishedAt } = result;
  const good = outcome === 'applied' || outcome === 'unchanged';
  // What was delivered before, and is only looked at or repaired, tells nothing of how long a change takes.
  const delivered = outcome === 'applied' && result.reason !== 'reconciliation';
  const latency = delivered && occurredAt !== undefined ? Date.parse(finishedAt) - Date.parse(occurredAt) : undefined;
  return [
    ...(good ? [] : [code]),
    ...(cause === undefined ? [] : [printable(cause)]),
    ...(httpStatus === undefined || cause?.startsWith(`HTTP ${httpStatus}`) ? [] : [`HTTP ${httpStatus}`]),
    ...proof(result),
    ...(changed?.length ? [`(${changed.join(', ')})`] : []),
    ...(nextAttemptAt === undefined ? [] : [`next at ${nextAttemptAt}`]),
    ...(latency === undefined || latency < 0 ? [] : [`after ${durationWords(latency)}`]),
  ];
}

/** What the target showed after it had accepted a removal. */
function proof({ readBack }: ProvisioningResult): string[] {
  if (readBack === undefined) return [];
  return [readBack.verdict === 'unreadable' ? 'could not be read back' : `read back: ${readBack.found ?? ''}`];
}

export function outcomeColour(outcome: ProvisioningResult['outcome'], paint: Paint): (text: string) => string {
  switch (outcome) {
    case 'applied':
    case 'unchanged':
      return paint.green;
    case 'retryable':
    case 'held':
      return paint.yellow;
    case 'rejected':
    case 'halted':
      return paint.red;
    case 'superseded':
    case 'skipped':
      return paint.dim;
  }
}

/** The first value of a DN, anything else as it is. */
const shortLabel = (label: string) => /^[A-Za-z0-9.-]+=([^,+]+)/.exec(label)?.[1] ?? label;
