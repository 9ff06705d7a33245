import { until } from '@provisor/testing';
import { settle } from '../round/settle.js';
import type { PersonTruth } from '../workload/truth.js';
import { VICTIM } from '../world/world.js';
import type { Fault } from './fault.js';

const ALLOWED = 5;
const SHARE = 0.3;

/** Whoever was disabled before has been counted by the guard within this hour, and may be deleted after that. */
const isCounted = ({ person, history }: PersonTruth): boolean =>
  person.employeeType === 'staff' && [...history.values()].every(({ active }) => active);

/** A third of the people is deleted at the source. The guard lets a few go, and the others when a person says so. */
export const massRemoval: Fault = {
  id: 'F29',
  title: '30 % of the people are deleted at the source, with a guard that lets 5 removals pass in an hour',
  heals: 'approval after a `kill -9` of the dispatcher; where the data store is suspect, it is accepted before',
  convergeWithinMs: 150_000,
  async inject(context) {
    const { world, random } = context;
    const { installation, generator } = world;
    const deleted = (): number =>
      world.victim.ledger.effects('deleted').filter(({ path }) => path.startsWith('/Users')).length;
    await generator.without(async () => {
      await settle(world, 60_000);
      const gated = random.chance(0.5);
      await world.configure({ removals: ALLOWED }, gated ? ALLOWED : undefined);
      const before = deleted();
      const victims = random.sample(
        world.truth.present().filter(isCounted),
        Math.ceil(world.truth.present().length * SHARE),
      );
      for (const known of victims) {
        await installation.directory.client.delete(known.person.dn);
        known.deleted = true;
      }
      if (gated) {
        await until(
          'the data store is suspect',
          async () => (await installation.dataStoreStatus()).state === 'suspect',
          { withinMs: 60_000 },
        );
        const early = deleted() - before;
        context.expect(early <= ALLOWED, 'I12', `${early} accounts were deleted although the source was suspect.`);
        await world.acceptSource();
      }
      const held = async (): Promise<number> => (await installation.connectionStatus(VICTIM)).counts?.held ?? 0;
      await until('the removals are held', async () => (await held()) + deleted() - before >= victims.length, {
        withinMs: 60_000,
      });
      await installation.service('dispatcher').kill();
      await world.startServices();
      await context.wait(2_000, 5_000);
      const sent = deleted() - before;
      context.expect(
        sent <= ALLOWED,
        'I12',
        `${sent} accounts were deleted, where ${ALLOWED} may be without approval.`,
      );
      await installation.admin.approveSpConnection({ params: { name: VICTIM } });
      await until('what was approved is done', () => deleted() - before >= victims.length, { withinMs: 60_000 });
      context.say(`${victims.length} people deleted, ${sent} removals sent before the approval`);
      await world.configure();
    });
  },
};
