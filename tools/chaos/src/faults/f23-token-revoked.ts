import { until } from '@provisor/testing';
import { VICTIM, WITNESS } from '../world/world.js';
import type { Fault } from './fault.js';

export const tokenRevoked: Fault = {
  id: 'F23',
  title: 'token revoked in the middle of a run: 401 to everything',
  heals: 'the token is good again after 2–10 s; a probe of Provisor finds out',
  async inject(context) {
    const { world } = context;
    const { installation } = world;
    world.victim.faults.add({ kind: 'status', status: 401, times: Number.MAX_SAFE_INTEGER });
    await world.generator.burst('update', 3);
    await until(
      'the SP connection is quarantined',
      async () => (await installation.connectionStatus(VICTIM)).state === 'quarantined',
      { withinMs: 30_000 },
    );
    const witness = await installation.connectionStatus(WITNESS);
    context.expect(witness.state === 'active', 'I1', `The other SP connection is ${witness.state}.`);
    const milliseconds = await context.wait(2_000, 10_000);
    const asked = world.victim.ledger.entries.filter(({ status }) => status === 401).length;
    world.victim.faults.clear();
    context.say(`401 for ${milliseconds} ms after the quarantine, ${asked} requests refused in all`);
  },
};
