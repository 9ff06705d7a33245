import type { LedgerEntry } from '@provisor/testing';
import { MASKED_PATH } from '../world/documents.js';
import { excerpt, type Violation } from './violation.js';

const FEW_WRITES = 200;
const MOST_IDLE = 0.05;

/** Was the way of the service provider bad at any time between these instants? */
export type WasBad = (from: number, until: number) => boolean;
/** An answer may be on its way for so long before its request is given up. */
const TIMEOUT_MS = 3_000;

/**
 * I7: of the writes that were accepted at most one in twenty changed nothing. Only those are left out that write masked values and
 * nothing else, each after a lost answer about the same account: nobody can compare them, so they are written once more.
 */
export function checkIdleWrites(
  spConnection: string,
  entries: readonly LedgerEntry[],
  wasBad: WasBad = () => false,
): Violation[] {
  const sent = entries.filter(({ method }) => method !== 'GET');
  const writes = sent.filter(isAccepted).length;
  const idle = idleAmong(sent, wasBad);
  const share = idle.length / Math.max(1, writes);
  if (writes < FEW_WRITES || share <= MOST_IDLE) return [];
  const what = `${idle.length} of ${writes} writes changed nothing, ${(share * 100).toFixed(1)} per cent.`;
  return [{ invariant: 'I7', spConnection, what, ledger: excerpt(idle) }];
}

function idleAmong(sent: readonly LedgerEntry[], wasBad: WasBad): LedgerEntry[] {
  const lost = new Map<string, number>();
  const idle: LedgerEntry[] = [];
  for (const entry of sent) {
    const { effect, key, createdId = key } = entry;
    const excuses = lost.get(key) ?? 0;
    if (isAccepted(entry) && effect === 'none') {
      if (excuses > 0 && writesMaskedAlone(entry)) lost.set(key, excuses - 1);
      else idle.push(entry);
    }
    if (isLost(entry, wasBad)) lost.set(createdId, (lost.get(createdId) ?? 0) + 1);
  }
  return idle;
}

const isAccepted = ({ status }: LedgerEntry): boolean => status >= 200 && status < 300;

const isLost = ({ effect, status, lost, time, answeredAt }: LedgerEntry, wasBad: WasBad): boolean =>
  lost === true ||
  (effect !== 'none' && (status < 200 || status >= 300)) ||
  wasBad(time, Math.max(time, answeredAt) + TIMEOUT_MS);

function writesMaskedAlone({ method, body = '{}' }: LedgerEntry): boolean {
  if (method !== 'PATCH') return false;
  const { Operations = [] } = JSON.parse(body) as { Operations?: readonly { readonly path?: string }[] };
  return Operations.length > 0 && Operations.every(({ path }) => path === MASKED_PATH);
}
