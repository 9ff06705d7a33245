import { until } from '@provisor/testing';
import type { Fault } from './fault.js';

/** A person who joins is several requests: the account, the manager, the memberships. */
export const halfDone: Fault = {
  id: 'F20',
  title: '`kill -9` of the dispatcher after step k of what takes several requests',
  heals: 'restart at once',
  async inject(context) {
    const { world, random } = context;
    const { ledger } = world.victim;
    const dispatcher = world.installation.service('dispatcher');
    const begun = ledger.entries.length;
    const steps = 1 + random.below(12);
    const writes = (): number => ledger.entries.slice(begun).filter(({ method }) => method !== 'GET').length;
    const burst = world.generator.burst('create', 4).then(() => world.generator.burst('group', 8));
    await until(`${steps} writes`, () => writes() >= steps, { withinMs: 20_000, everyMs: 1 }).catch(() => undefined);
    await dispatcher.kill();
    await burst;
    context.say(`dispatcher killed after ${writes()} writes`);
    await world.startServices();
  },
};
