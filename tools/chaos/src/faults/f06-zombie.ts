import { until } from '@provisor/testing';
import type { Fault } from './fault.js';

/** Longer than the lease of an SP connection and the session of a consumer. */
const FROZEN_MS = [17_000, 25_000] as const;

/** The owner stands still with a request under way, another one takes over, and then the first goes on as if nothing had been. */
export const zombie: Fault = {
  id: 'F6',
  title: '`SIGSTOP` of the dispatcher that owns the work, beyond session and lease, then `SIGCONT`',
  heals: '`SIGCONT` after 17–25 s',
  async inject(context) {
    const { world } = context;
    const owner = world.installation.service('dispatcher');
    const successor = await world.replica('dispatcher', 'dispatcher-2');
    // The owner must have the partitions, so the successor stands by until the owner is gone for the group.
    const asked = (): number => world.victim.ledger.entries.length;
    const before = asked();
    await until('work is under way', () => asked() > before, { withinMs: 15_000, everyMs: 5 }).catch(() => undefined);
    owner.freeze();
    if (!successor.running) await successor.launch();
    const milliseconds = await context.wait(...FROZEN_MS);
    owner.thaw();
    context.say(`dispatcher frozen for ${milliseconds} ms`);
    await context.wait(2_000, 4_000);
    await successor.stop();
  },
};
