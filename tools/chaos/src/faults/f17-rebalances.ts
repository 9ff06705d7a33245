import type { Fault } from './fault.js';

const JOINS = 5;

export const rebalances: Fault = {
  id: 'F17',
  title: 'replicas of mapping and dispatcher join and leave again and again, in order or by `kill -9`',
  heals: 'one of each is left after five times',
  convergeWithinMs: 150_000,
  async inject(context) {
    const { world, random } = context;
    const replicas = [await world.replica('mapping', 'mapping-2'), await world.replica('dispatcher', 'dispatcher-2')];
    for (let join = 0; join < JOINS; join += 1) {
      const replica = random.pick(replicas);
      await replica.launch();
      await context.wait(1_000, 5_000);
      if (random.chance(0.5)) await replica.kill();
      else await replica.stop();
    }
    context.say(`${JOINS} joins and leaves`);
  },
};
