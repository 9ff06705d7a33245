import { VICTIM } from '../world/world.js';
import type { Fault } from './fault.js';

const BACKLOG = 60;

/** People who come, change and are disabled while nothing gets through: when it does, nobody who left may have been let in again. */
export const leaverRace: Fault = {
  id: 'F30',
  title: 'people are created, changed, disabled and deleted while everything waits behind a target that is down',
  heals: 'the target is back',
  async inject(context) {
    const { world } = context;
    const { gate } = world.installation.provider(VICTIM);
    await gate.close();
    for (const operation of ['create', 'update', 'disable', 'update', 'restore', 'disable', 'delete'] as const)
      await world.generator.burst(operation, Math.ceil(BACKLOG / 7));
    const milliseconds = await context.wait(1_000, 5_000);
    await gate.open();
    context.say(`some ${BACKLOG} changes and ${milliseconds} ms behind a closed way`);
  },
};
