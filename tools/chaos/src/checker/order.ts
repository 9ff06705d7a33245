import type { LedgerEntry } from '@provisor/testing';
import type { PersonTruth, Truth } from '../workload/truth.js';
import { excerpt, type InvariantId, type Violation } from './violation.js';
import { writtenFacts, type WrittenFacts } from './written-facts.js';

export interface OrderInput {
  readonly spConnection: string;
  readonly entries: readonly LedgerEntry[];
  readonly truth: Truth;
  /** Object ids of accounts that were there before, by the target's id. */
  readonly adopted?: ReadonlyMap<string, string>;
}

/** I3, I4, I5 and I6 for the accounts of one service provider, from its ledger and the history of the source. */
export function checkOrder(input: OrderInput): Violation[] {
  const violations: Violation[] = [];
  for (const [objectId, entries] of byObject(input)) {
    const report = (invariant: InvariantId, what: string): void =>
      void violations.push({ invariant, what, objectId, spConnection: input.spConnection, ledger: excerpt(entries) });
    const known = input.truth.people.get(objectId);
    if (known === undefined) continue;
    checkWrites(known, entries, report);
    checkOverlap(entries, report);
  }
  return violations;
}

type Report = (invariant: InvariantId, what: string) => void;

/** Requests about accounts, by the object that each belongs to. */
function byObject({ entries, adopted = new Map() }: OrderInput): Map<string, LedgerEntry[]> {
  const objectIds = new Map<string, string>(adopted);
  for (const { createdId, key } of entries) if (createdId !== undefined) objectIds.set(createdId, key);
  const found = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    if (!entry.path.startsWith('/Users') || entry.method === 'GET') continue;
    const objectId = entry.method === 'POST' ? entry.key : objectIds.get(entry.key);
    if (objectId === undefined) continue;
    const list = found.get(objectId);
    if (list === undefined) found.set(objectId, [entry]);
    else list.push(entry);
  }
  return found;
}

function checkWrites(known: PersonTruth, entries: readonly LedgerEntry[], report: Report): void {
  let last = -1;
  let creates = 0;
  let removed = false;
  for (const entry of entries) {
    if (entry.effect === 'deleted') {
      removed = true;
      if (!known.deleted && known.person.employeeType === 'staff')
        report('I6', `#${entry.sequence} removed the account of somebody who is there.`);
    }
    if (entry.effect !== 'created' && entry.effect !== 'updated') continue;
    if (removed) report('I5', `#${entry.sequence} came after the account was removed.`);
    if (entry.effect === 'created' && (creates += 1) > 1) report('I4', `#${entry.sequence} created a second account.`);
    const facts = entry.body === undefined ? undefined : writtenFacts(entry.method, entry.body);
    if (facts === undefined || Object.keys(facts).length === 0) continue;
    const matching = [...known.history].filter(([, told]) => agrees(facts, told)).map(([revision]) => revision);
    const next = Math.min(...matching.filter((revision) => revision >= last));
    if (Number.isFinite(next)) last = next;
    else if (matching.length > 0)
      report('I3', `#${entry.sequence} wrote revision ${Math.max(...matching)} after revision ${last}.`);
    else report('I6', `#${entry.sequence} wrote what the source never said: ${JSON.stringify(facts)}.`);
  }
}

const agrees = (facts: WrittenFacts, told: object): boolean =>
  Object.entries(facts).every(([fact, value]) => (told as Readonly<Record<string, unknown>>)[fact] === value);

/** A request that its sender has given up ends when its connection does. */
function checkOverlap(entries: readonly LedgerEntry[], report: Report): void {
  let open: LedgerEntry | undefined;
  for (const entry of entries) {
    if (open?.ended !== undefined && entry.time < open.ended)
      report('I3', `#${entry.sequence} began ${open.ended - entry.time} ms before #${open.sequence} had ended.`);
    if ((entry.ended ?? 0) >= (open?.ended ?? 0)) open = entry;
  }
}
