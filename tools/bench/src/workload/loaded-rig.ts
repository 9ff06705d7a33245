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
  },
): Promise<Rig> {
  const { people, name } = o;
  return context.screen.step(`Installation with ${people.length} accounts`, async () => {
    const rig = await Rig.open({ infrastructure: context.infrastructure, name, people });
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

/** Nothing is pending, and no service has records to read. */
export async function untilQuiet(rig: Rig, withinMs = 120_000): Promise<void> {
  const quiet = async (): Promise<boolean> => {
    const [row] = await rig.query<{ pending: number }>(
      `select (select count(*) from dispatch.target_objects where state = 'pending')
        + (select count(*) from dispatch.outbox) + (select count(*) from capture.outbox) as pending`,
    );
    const lags = await Promise.all([
      rig.kafka.admin().lag('provisor.mapping', ['identity.changes.v1']),
      rig.kafka.admin().lag('provisor.dispatcher.scim', ['provisioning.commands.scim.v1']),
      rig.kafka.admin().lag('provisor.admin', ['provisioning.results.v1']),
    ]);
    return Number(row?.pending) === 0 && lags.flat().every(({ lag }) => lag === 0n);
  };
  await rig.until('nothing is left to do', quiet, withinMs, 200);
}
