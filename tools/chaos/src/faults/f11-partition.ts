import type { Toxics } from '@provisor/e2e';
import { VICTIM } from '../world/world.js';
import type { Fault } from './fault.js';

const CUTS: readonly (readonly [string, Toxics | 'closed'])[] = [
  ['refused', 'closed'],
  ['silent both ways', { silent: 'both' }],
  ['silent towards it', { silent: 'up' }],
  ['silent from it', { silent: 'down' }],
  ['slow and unsteady', { latencyMs: 150, jitterMs: 100, sliceBytes: 700 }],
  ['reset after some bytes', { limitBytes: 20_000 }],
  ['reset after a moment', { resetAfterMs: 300 }],
  ['narrow', { bytesPerSecond: 30_000 }],
];

/** One way between the services and what they depend on is cut or bad. */
export const partition: Fault = {
  id: 'F11',
  title: 'the network to broker, database, target or source is cut, one-way or both, or bad',
  heals: 'the way is whole again after 1–20 s',
  async inject(context) {
    const { world, random } = context;
    const ways = {
      broker: world.broker.gate,
      database: world.database.gate,
      target: world.installation.provider(VICTIM).gate,
      source: world.installation.directory.gate,
    };
    const where = random.pick(Object.keys(ways) as (keyof typeof ways)[]);
    const [how, toxics] = random.pick(CUTS);
    const gate = ways[where];
    if (toxics === 'closed') await gate.close();
    else gate.poison(toxics, () => random.next());
    const milliseconds = await context.wait(1_000, 20_000);
    gate.poison({});
    await gate.open();
    context.say(`way to the ${where} ${how} for ${milliseconds} ms`);
  },
};
