import { dispatcherGroup } from '@provisor/contracts';
import { Rig } from '../rig/rig.js';
import type { BenchContext } from '../suite/benchmark.js';
import { spConnectionDocument, type SpConnectionOptions } from './documents.js';
import type { BenchPerson } from './people.js';

export const SP_CONNECTION = 'provisor';

/** A whole installation whose service provider has everybody of the directory, and that has nothing left to do. */
export async function loadedRig(
  context: BenchContext,
  o: {
    readonly name: string;
    readonly people: readonly BenchPerson[];
    readonly connection?: Partial<SpConnectionOptions>;
    readonly profileDir?: string | undefined;
  },
): Promise<Rig> {
  const { people, name, profileDir } = o;
  return context.screen.step(`Installation with ${people.length} accounts`, async () => {
    const rig = await Rig.open({ infrastructure: context.infrastructure, name, people, profileDir });
    try {
      await rig.apply(rig.dataStore, connectionOf(rig, o.connection));
      await rig.until(
        'everybody has an account',
        async () => {
          const { users } = await rig.target.progress(SP_CONNECTION);
          context.screen.progress(`${users} of ${people.length} accounts`);
          return users >= people.length;
        },
        Math.max(120_000, people.length * 30),
      );
      await untilQuiet(rig);
      return rig;
    } catch (error) {
      await rig.close();
      throw error;
    }
  });
}

export const connectionOf = (rig: Rig, more: Partial<SpConnectionOptions> = {}): string =>
  spConnectionDocument({ name: SP_CONNECTION, baseUrl: rig.target.baseUrl(SP_CONNECTION), ...more });

/**
 * The change log is read, nothing is pending, and no service has records to read; twice in a row with the same ends of topics, because
 * one look cannot see everything at one moment.
 */
export async function untilQuiet(rig: Rig, withinMs = 120_000): Promise<void> {
  let before: string | undefined;
  const quiet = async (): Promise<boolean> => {
    const now = await endsIfQuiet(rig);
    const same = now !== undefined && now === before;
    before = now;
    return same;
  };
  await rig.until('nothing is left to do', quiet, withinMs, 200);
}

/** The ends of the topics, where nothing is left to do. */
async function endsIfQuiet(rig: Rig): Promise<string | undefined> {
  const last = await rig.lastChange();
  const [row] = await rig.query<{ read: string | null; pending: string }>(
    `select (select position ->> 'number' from capture.cursors) as read,
      (select count(*) from capture.entries where pending <> 0) + (select count(*) from capture.outbox)
      + (select count(*) from dispatch.target_objects where state = 'pending') + (select count(*) from dispatch.outbox) as pending`,
  );
  if (Number(row?.read) < last || Number(row?.pending) > 0) return undefined;
  const lags = await Promise.all([
    rig.kafka.admin().lag('provisor.mapping', ['identity.changes.v1']),
    rig.kafka.admin().lag(dispatcherGroup('scim'), ['provisioning.commands.scim.v1']),
    rig.kafka.admin().lag('provisor.admin', ['provisioning.results.v1']),
  ]);
  const partitions = lags.flat();
  return partitions.every(({ lag }) => lag === 0n) ? partitions.map(({ end }) => end).join(' ') : undefined;
}
