import type { Fault } from './fault.js';

export const killBroker: Fault = {
  id: 'F7',
  title: '`kill -9` of the broker',
  heals: 'restart with its data after 0–10 s',
  convergeWithinMs: 150_000,
  async inject(context) {
    const { broker } = context.world;
    await broker.kill();
    const downMs = await context.wait(0, 10_000);
    await broker.start();
    context.say(`broker killed, down for ${downMs} ms and its start`);
  },
};
