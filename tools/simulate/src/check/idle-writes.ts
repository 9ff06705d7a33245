import { MANAGER, MASKED } from '../world/documents.js';
import type { Entry } from '../world/target.js';
import type { World } from '../world/world.js';

/** In the place of a path: the first call for an account, which is made right after it was linked. */
const LINKED = '*';

/** What is known of the last call that wrote one value, or one membership. */
interface LastCall {
  readonly epoch: number;
  readonly at: number;
  /** Its answer was lost. */
  readonly lost: boolean;
  readonly cleared: boolean;
}

/**
 * I7: what changes nothing is not written. Excused is one write after a call of which nobody knows what became of it. A new owner does
 * not know what answers the one before it had. After a lost answer nobody knows what no account shows: masked values, memberships,
 * and that something was cleared; anything else is read and compared, unless the service provider does not let it be read, or the call
 * was to remove the account. A reference that is dropped while it is on its way is cleared. Memberships that were in hand when their limit
 * scope began to wait, or when the database or the process failed, may have been sent or not. And one that is in hand when its member's
 * account is removed, or vanishes, is gone.
 */
export function checkIdleWrites(world: World): void {
  const last = new Map<string, LastCall>();
  const unread = new Set<string>();
  const perhapsRemoved = new Set<string>();
  const throttled = world.ledger.filter(({ retryAfterMs }) => retryAfterMs !== undefined);
  for (const entry of world.ledger.filter(({ at }) => at !== undefined).sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
    const who = `${entry.connection} ${entry.objectId}`;
    if (entry.kind === 'read' && entry.refused) unread.add(who);
    const lost = isLost(entry);
    if (entry.effect === 'none' && !lost) continue;
    const idle = entry.effect === 'unchanged' ? entry.paths.filter((path) => !isExcused(entry, path)) : [];
    if (idle.length > 0) world.violate('I7', `${who}: a ${entry.kind} of ${idle.join(', ')} changed nothing.`);
    const { epoch, at = 0 } = entry;
    const call = { epoch, at, lost, cleared: false };
    for (const path of entry.paths) last.set(placeOf(entry, path), { ...call, cleared: entry.cleared.includes(path) });
    const first = placeOf(entry, LINKED);
    last.set(first, last.get(first) ?? call);
    unread.delete(who);
    perhapsRemoved.delete(who);
    if (lost && entry.kind === 'remove') perhapsRemoved.add(who);
  }

  function isExcused(entry: Entry, path: string): boolean {
    return entry.kind === 'members' ? isExcusedMembership(entry, path) : isExcusedValue(entry, path);
  }

  function isExcusedMembership(entry: Entry, memberId: string): boolean {
    const before = last.get(placeOf(entry, memberId));
    if (before?.lost === true || isOfAnotherOwner(entry, memberId, before)) return true;
    const { scope, connection, cleared, at: until = 0 } = entry;
    const isBetween = (at = 0): boolean => at > (before?.at ?? 0) && at < until;
    return (
      throttled.some((one) => one.scope === scope && isBetween(one.at)) ||
      world.lossesOf(connection, memberId).some(isBetween) ||
      (cleared.includes(memberId) && world.struckAt.some(isBetween))
    );
  }

  function isExcusedValue(entry: Entry, path: string): boolean {
    // What an account had when it was linked was never written.
    const before = last.get(placeOf(entry, path)) ?? last.get(placeOf(entry, LINKED));
    if (isOfAnotherOwner(entry, path, before)) return true;
    const who = `${entry.connection} ${entry.objectId}`;
    const cleared = entry.cleared.includes(path);
    if (perhapsRemoved.has(who) || (cleared && path === MANAGER)) return true;
    const shown = path !== MASKED && !cleared && before?.cleared === false;
    return before?.lost === true && (!shown || unread.has(who));
  }
}

/** What the owner before had taken in hand may never have been sent. */
const isOfAnotherOwner = ({ epoch, cleared }: Entry, path: string, before: LastCall | undefined): boolean =>
  before === undefined ? cleared.includes(path) && epoch > 1 : before.epoch !== epoch;

const placeOf = ({ connection, kind, objectId, targetId }: Entry, path: string): string =>
  `${connection} ${kind === 'members' ? `members of ${targetId ?? ''}` : objectId} ${path}`;

const LOST = new Set(['lost-answer', 'server-error-after', 'server-error', 'reset']);
const isLost = ({ ended, fault }: Entry): boolean => ended === undefined || LOST.has(fault ?? '');
