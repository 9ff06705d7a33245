import { NAME_SETS } from '@provisor/demo';
import { until } from '@provisor/testing';
import type { Fault } from './fault.js';

/** Creates meet accounts that are there already, with the same name and no owner, and refusals that nothing explains. */
export const conflict: Fault = {
  id: 'F19',
  title: 'target answers 409 to creates: the account is there without an owner, or nothing explains it',
  heals: 'the accounts are taken over; who was refused without a reason is retried by a person',
  async inject(context) {
    const { world, random } = context;
    const { victim, generator } = world;
    const waiting = 2 + random.below(4);
    await generator.without(async () => {
      for (const uid of generator.nextUids(waiting))
        victim.users.insert({ userName: uid, displayName: random.pick(random.pick(NAME_SETS).given), active: true });
    });
    const refused = 1 + random.below(3);
    await generator.burst('create', waiting);
    victim.faults.add({
      kind: 'status',
      status: 409,
      scimType: 'uniqueness',
      on: { method: 'POST', path: '/Users' },
      times: refused,
    });
    await generator.burst('create', refused);
    await until('the refusals are given', () => victim.faults.pending === 0, { withinMs: 30_000 });
    await context.wait(500, 2_000);
    await world.retryFailed();
    context.say(`${waiting} accounts were there before, ${refused} creates refused`);
  },
};
