import type { LedgerEntry } from '@provisor/testing';

export const INVARIANTS = {
  I1: 'the service provider has what the source says',
  I2: 'nobody else is touched',
  I3: 'writes of an object do not go back, and do not overlap',
  I4: 'one account per object',
  I5: 'nothing comes back after a removal',
  I6: 'nothing is invented',
  I7: 'few writes change nothing',
  I8: 'the accounting closes',
  I10: 'nothing is committed that is not finished',
  I11: 'the rate keeps to its limit',
  I12: 'no removals beyond the guard without an approval',
  I13: 'no secret leaves its place',
} as const;
export type InvariantId = keyof typeof INVARIANTS;

/** What broke, in words that somebody can begin to search with. */
export interface Violation {
  readonly invariant: InvariantId;
  readonly what: string;
  readonly spConnection?: string;
  readonly objectId?: string;
  /** Requests about the object, in order of arrival. */
  readonly ledger?: readonly string[];
}

/** Many accounts that break in one way are one finding. */
const MOST_OF_A_KIND = 5;

export function fewOfEach(violations: readonly Violation[]): Violation[] {
  const counts = new Map<InvariantId, number>();
  return violations.filter(({ invariant }) => {
    const count = (counts.get(invariant) ?? 0) + 1;
    counts.set(invariant, count);
    return count <= MOST_OF_A_KIND;
  });
}

export function inWords(violation: Violation): string {
  const { invariant, what, spConnection, objectId, ledger = [] } = violation;
  const where = [spConnection, objectId].filter(Boolean).join(' ');
  return [
    `${invariant} (${INVARIANTS[invariant]})${where === '' ? '' : ` at ${where}`}: ${what}`,
    ...ledger.map((line) => `    ${line}`),
  ].join('\n');
}

const MOST_LINES = 15;

export function excerpt(entries: readonly LedgerEntry[]): string[] {
  return entries.slice(-MOST_LINES).map((entry) => {
    const { sequence, time, method, path, status, effect, body = '' } = entry;
    return `#${sequence} ${new Date(time).toISOString()} ${method} ${path} → ${status} ${effect} ${body.slice(0, 300)}`;
  });
}
