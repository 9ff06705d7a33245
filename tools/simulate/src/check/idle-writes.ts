import { MANAGER, MASKED } from '../world/documents.js';
import type { Entry } from '../world/target.js';
import type { World } from '../world/world.js';

const ANY = '*';

/** What is known of the last call that wrote one value, or one membership. */
interface LastCall {
  readonly epoch: number;
  /** Its answer was lost. */
  readonly lost: boolean;
}

/**
 * I7: what changes nothing is not written. There are three excuses, each for one write. A new owner does not know what answers the one
 * before it had. After a lost answer nobody knows what no account shows: masked values, memberships, and that something was cleared;
 * anything else is read and compared, unless the service provider does not let it be read. And a reference that is dropped while it is
 * on its way is cleared.
 */
export function checkIdleWrites(world: World): void {
  const last = new Map<string, LastCall>();
  const unread = new Set<string>();
  for (const entry of world.ledger.filter(({ at }) => at !== undefined).sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
    const who = `${entry.connection} ${entry.objectId}`;
    if (entry.kind === 'read' && entry.refused) unread.add(who);
    if (entry.effect === 'none') continue;
    const idle = entry.effect === 'unchanged' ? entry.paths.filter((path) => !isExcused(entry, path)) : [];
    if (idle.length > 0) world.violate('I7', `${who}: a ${entry.kind} of ${idle.join(', ')} changed nothing.`);
    for (const path of [...entry.paths, ANY])
      last.set(placeOf(entry, path), { epoch: entry.epoch, lost: isLost(entry) });
    unread.delete(who);
  }

  function isExcused(entry: Entry, path: string): boolean {
    // What an account had when it was linked was never written.
    const before = last.get(placeOf(entry, path)) ?? last.get(placeOf(entry, ANY));
    const cleared = entry.cleared.includes(path);
    // What the owner before had taken in hand may never have been sent.
    if (before === undefined) return cleared && entry.epoch > 1;
    if (before.epoch !== entry.epoch || (cleared && path === MANAGER)) return true;
    const shown = entry.kind !== 'members' && path !== MASKED && !cleared;
    return before.lost && (!shown || unread.has(`${entry.connection} ${entry.objectId}`));
  }
}

const placeOf = ({ connection, kind, objectId, targetId }: Entry, path: string): string =>
  `${connection} ${kind === 'members' ? `members of ${targetId ?? ''}` : objectId} ${path}`;

const isLost = ({ ended, fault }: Entry): boolean =>
  ended === undefined || fault === 'lost-answer' || fault === 'server-error-after';
