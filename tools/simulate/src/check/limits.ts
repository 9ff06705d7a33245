import type { Entry } from '../world/target.js';
import type { World } from '../world/world.js';

/** I11 and I12: the rate of each limit scope, pauses that a service provider asked for, and the guard. */
export function checkLimits(world: World): void {
  for (const [scope, entries] of Map.groupBy(world.ledger, (entry) => entry.scope)) {
    const sorted = [...entries].sort((a, b) => a.sentAt - b.sentAt);
    if (world.setup.rate > 0) checkRate(world, scope, sorted);
    checkPauses(world, scope, sorted);
  }
  checkGuard(world);
}

/** In no window more than what had been saved up and what has come since. */
function checkRate(world: World, scope: string, entries: readonly Entry[]): void {
  const { rate, burst } = world.setup;
  const jumps = world.injected.get('clock-jump') ?? 0;
  const most = burst * (1 + jumps) + 1;
  // A bucket that drips: how full it is after each request is the worst of all windows that end there.
  let level = 0;
  let at = 0;
  for (const { sentAt } of entries) {
    level = Math.max(0, level - ((sentAt - at) * rate) / 1_000) + 1;
    at = sentAt;
    if (level > most + 1e-6) {
      world.violate('I11', `${scope} got more than ${rate} requests per second with a burst of ${burst}.`);
      return;
    }
  }
}

/** After a process has heard a Retry-After it sends nothing more to that scope until then. */
function checkPauses(world: World, scope: string, entries: readonly Entry[]): void {
  if (world.injected.has('clock-jump')) return;
  for (const throttled of entries.filter((entry) => entry.retryAfterMs !== undefined)) {
    const heard = throttled.ended ?? Infinity;
    const until = heard + (throttled.retryAfterMs ?? 0);
    const early = entries.find(
      (entry) => entry.process === throttled.process && entry.sentAt > heard && entry.sentAt < until,
    );
    if (early === undefined) continue;
    world.violate('I11', `${scope} was asked ${Math.round(until - early.sentAt)} ms before Retry-After was over.`);
    return;
  }
}

function checkGuard(world: World): void {
  const closed = new Map<string, Set<string>>();
  for (const entry of world.ledger) {
    if (!entry.closes || world.approved.has(`${entry.connection}\n${entry.objectId}`)) continue;
    closed.set(entry.connection, (closed.get(entry.connection) ?? new Set()).add(entry.objectId));
  }
  for (const [connection, objects] of closed)
    if (objects.size > world.setup.removals)
      world.violate('I12', `${connection}: ${objects.size} accounts were closed, and ${world.setup.removals} may be.`);
}
