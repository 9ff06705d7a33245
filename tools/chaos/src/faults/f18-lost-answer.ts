import { until } from '@provisor/testing';
import type { Fault } from './fault.js';

/** The most treacherous answer of all is none: the account is there, and nobody was told. */
export const lostAnswer: Fault = {
  id: 'F18',
  title: 'target carries a create out, then resets the connection',
  heals: 'the next requests are answered',
  async inject(context) {
    const { world, random } = context;
    const times = 3 + random.below(8);
    world.victim.faults.add({ kind: 'lost-answer', on: { method: 'POST', path: '/Users' }, times });
    await world.generator.without(() => Promise.resolve());
    await world.generator.burst('create', times);
    await until('the answers are lost', () => world.victim.faults.pending === 0, { withinMs: 120_000 });
    context.say(`${times} answers to creates lost`);
  },
};
