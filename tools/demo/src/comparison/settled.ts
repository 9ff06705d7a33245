import type { AdminClient } from '@provisor/admin-client';
import type { DirectoryClient } from '../directory/directory-client.js';
import type { ScimReader } from '../scim/scim-reader.js';
import { seconds, type Screen } from '../terminal/screen.js';
import { SP_CONNECTION } from '../world/configuration-file.js';
import { compare, type Comparison, type DirectoryContent, type ServiceProviderContent } from './comparison.js';

export interface Parties {
  readonly directory: DirectoryClient;
  readonly provider: ScimReader;
  readonly admin: AdminClient;
  /** Does the service provider take groups as members of groups? */
  readonly nestedGroups: boolean;
}

export interface Settled {
  readonly comparison: Comparison;
  readonly content: DirectoryContent;
  readonly accounts: ServiceProviderContent;
  /** `performance.now()` at the moment before the reading that found both equal, or of the last reading. */
  readonly at: number;
}

/** Given up when nothing at all has moved for so long. */
const STANDSTILL_MS = 60_000;
/** Nothing has moved for so long: references to people without an account may wait for ever, so both sides are read. */
const STILL_MS = 2_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Waits until the service provider has what the directory says, as far as reading both can tell, and shows how far it is meanwhile.
 * Gives the last comparison, with its differences, when nothing moves any more.
 */
export async function untilSettled(parties: Parties, screen: Screen, signal: AbortSignal): Promise<Settled> {
  const started = performance.now();
  const content = await readDirectory(parties.directory);
  const wanted = compare(content, { users: [], groups: [] }, parties.nestedGroups);
  let progress = '';
  let movedAt = started;
  let readAt = started;
  for (;;) {
    signal.throwIfAborted();
    const now = performance.now();
    const status = await readProgress(parties, wanted);
    if (status.text !== progress) movedAt = now;
    progress = status.text;
    screen.progress(`${status.text} · ${seconds(now - started)}`);
    const standstill = now - movedAt > STANDSTILL_MS;
    const still = now - Math.max(movedAt, readAt) > STILL_MS;
    if (status.complete || (status.nothingPending && still) || standstill) {
      readAt = now;
      const accounts = await readProvider(parties.provider);
      const comparison = compare(content, accounts, parties.nestedGroups);
      if (comparison.differences.length === 0 || standstill) return { comparison, content, accounts, at: now };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

export const readDirectory = async (directory: DirectoryClient): Promise<DirectoryContent> => ({
  people: await directory.people(),
  groups: await directory.groups(),
});

export const readProvider = async (provider: ScimReader): Promise<ServiceProviderContent> => ({
  users: await provider.users(),
  groups: await provider.groups(),
});

interface Progress {
  readonly text: string;
  readonly nothingPending: boolean;
  /** Reading everything is worth it. */
  readonly complete: boolean;
}

/** How far Provisor says it is. The service provider is only asked once that says that nothing is left to do. */
async function readProgress({ provider, admin }: Parties, wanted: Comparison): Promise<Progress> {
  const status = await admin.getSpConnectionStatus({ params: { name: SP_CONNECTION } }).catch(() => undefined);
  const counts = status?.counts;
  if (counts === undefined) return { text: 'no status yet', nothingPending: false, complete: false };
  const { desired, applied, pending, failed, waitingMemberships = 0 } = counts;
  const text = `${applied} of ${wanted.users + wanted.groups} accounts and groups · ${pending} pending · ${failed} failed · ${waitingMemberships} memberships and references to go`;
  const nothingPending = desired > 0 && pending === 0;
  if (!nothingPending || waitingMemberships > 0) return { text, nothingPending, complete: false };
  const [users, groups] = await Promise.all([provider.count('Users'), provider.count('Groups')]);
  return { text, nothingPending, complete: users === wanted.users && groups === wanted.groups };
}
