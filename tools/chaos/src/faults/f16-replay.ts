import { identityChanges, provisioningCommands, provisioningResults } from '@provisor/contracts';
import { settle } from '../round/settle.js';
import type { Fault } from './fault.js';
import { RawTopics } from './raw-records.js';

const GROUPS: readonly (readonly [string, string])[] = [
  ['provisor.mapping', identityChanges.name],
  ['provisor.dispatcher.scim', provisioningCommands('scim').name],
  ['provisor.admin', provisioningResults.name],
];

export const replay: Fault = {
  id: 'F16',
  title: 'every consumer is set back to offset 0',
  heals: 'everything is read again',
  async inject(context) {
    const { world } = context;
    const { installation, generator } = world;
    await generator.without(async () => {
      await settle(world, 60_000);
      const writes = (): number =>
        [...world.tenants.values()].flatMap(({ ledger }) => ledger.entries.filter(({ method }) => method !== 'GET'))
          .length;
      const before = writes();
      await installation.stopServices();
      const raw = new RawTopics(world);
      for (const [group, topic] of GROUPS) await raw.forgetOffsets(group, [topic]);
      await world.startServices();
      await settle(world, 90_000);
      const sent = writes() - before;
      context.expect(sent === 0, 'I7', `${sent} writes were sent because records were read again.`);
    });
    context.say('all groups read everything again');
  },
};
