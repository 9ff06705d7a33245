import type { Fault } from './fault.js';

const AT_ONCE = 3;

/** Faults that can be on at the same time as others. */
export const everything = (others: readonly Fault[]): Fault => ({
  id: 'F34',
  title: 'three others of these at the same time',
  heals: 'as each of them',
  convergeWithinMs: 240_000,
  async inject(context) {
    const chosen = context.random.sample(others, AT_ONCE);
    context.say(chosen.map(({ id }) => id).join(', '));
    await Promise.all(
      chosen.map(async (fault) => {
        await context.wait(0, 5_000);
        await fault.inject(context);
      }),
    );
  },
});
