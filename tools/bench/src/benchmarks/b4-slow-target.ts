import { Random } from '@provisor/demo';
import { measureGraphileWorker, measureNestTransport } from '../comparators/queue-comparators.js';
import { Profile } from '../profile/profile.js';
import { DispatcherRig } from '../rig/dispatcher-rig.js';
import { median } from '../statistics/repetitions.js';
import type { Benchmark, Form, Outcome } from '../suite/benchmark.js';
import { atLeast, atMost, exactly, figure } from '../suite/measured.js';
import { arrivalsOf, steadyRate, type MarkedChange } from '../workload/marked-changes.js';

const SIZES: Readonly<Record<Form, { users: number; updates: number; rounds: number; comparatorSeconds: number }>> = {
  smoke: { users: 40, updates: 80, rounds: 1, comparatorSeconds: 1 },
  quick: { users: 5_000, updates: 10_000, rounds: 2, comparatorSeconds: 5 },
  full: { users: 5_000, updates: 20_000, rounds: 5, comparatorSeconds: 20 },
};
const LATENCY_MS = 100;
const IN_FLIGHT = 100;
const LIMIT = IN_FLIGHT / (LATENCY_MS / 1000);
const SP_CONNECTION = 'slow';
const HOT_UPDATES = 50;

export interface Update {
  readonly user: string;
  readonly number: number;
}

/** A service provider that takes 100 ms for each answer, and users with several updates each, which must not overtake one another. */
export const b4SlowTarget: Benchmark = {
  id: 'B4',
  title: 'Slow target, order per user',
  goal: '≥ 0.95 of what 100 requests in flight at 100 ms allow, no disorder, folded updates of one user in ≤ 2 requests',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const { screen } = context;
    const profile = Profile.of('B4', context);
    const world = await DispatcherRig.open({
      infrastructure: context.infrastructure,
      name: 'b4',
      profileDir: profile?.dir,
    });
    const { rig } = world;
    try {
      const ids = Array.from({ length: sizes.users }, (_, index) => `user-${index}`);
      await screen.step(`${sizes.users} accounts`, async () => {
        await world.configure({ name: SP_CONNECTION, concurrency: IN_FLIGHT });
        await world.tell(ids.map((objectId) => ({ spConnection: SP_CONNECTION, objectId })));
        await world.settled();
        await rig.target.configure(SP_CONNECTION, { serviceTimeMs: LATENCY_MS });
      });
      const ours: Round[] = [];
      const others: Record<'nest' | 'nestWide' | 'graphile', number[]> = { nest: [], nestWide: [], graphile: [] };
      for (let round = 1; round <= sizes.rounds; round += 1) {
        const seed = `${context.seed}/b4/${round}`;
        const updates = updatesOf(ids, sizes.updates, seed, round * 1_000_000);
        if (round === sizes.rounds) await profile?.begin(rig);
        ours.push(await screen.step(`Round ${round}: ${updates.length} updates`, () => measureOurs(world, updates)));
        if (round === sizes.rounds) await profile?.end(rig, updates.length);
        const o = { rig, users: ids, updates, latencyMs: LATENCY_MS, seconds: sizes.comparatorSeconds };
        const nest = (partitions: number): Promise<number> =>
          screen.step(`  Nest's Kafka transport, ${partitions} partition(s) at once`, () =>
            measureNestTransport({ ...o, partitions, tenant: `nest-${partitions}-${round}` }),
          );
        others.nest.push(await nest(1));
        others.nestWide.push(await nest(12));
        others.graphile.push(
          await screen.step('  graphile-worker, a queue for each user', () =>
            measureGraphileWorker({ ...o, inFlight: IN_FLIGHT, tenant: `graphile-${round}` }),
          ),
        );
      }
      const hot = await screen.step(`${HOT_UPDATES} updates of one user`, () => hotUser(world, ids[0] ?? ''));
      const rates = ours.map(({ rate }) => rate);
      return {
        settings: { ...sizes, latencyMs: LATENCY_MS, inFlight: IN_FLIGHT },
        figures: [
          figure('Provisor', 'requests/s', ...rates),
          figure('of the limit', '', ...rates.map((rate) => rate / LIMIT)),
          figure('limit', 'requests/s', LIMIT),
          figure('updates done', 'updates/s', ...ours.map((round) => round.updatesPerSecond)),
          figure("Nest's Kafka transport, as it comes", 'requests/s', ...others.nest),
          figure("Nest's Kafka transport, 12 partitions at once", 'requests/s', ...others.nestWide),
          figure('graphile-worker, 100 at once, a queue for each user', 'requests/s', ...others.graphile),
          figure(`requests for ${HOT_UPDATES} updates of one user at once`, '', hot),
        ],
        goals: [
          atLeast('of the limit', 0.95, median(rates) / LIMIT),
          exactly(
            'disorder',
            0,
            ours.reduce((sum, { violations }) => sum + violations.length, 0),
          ),
          atMost(`requests for ${HOT_UPDATES} updates of one user`, 2, hot),
        ],
        violations: ours.flatMap(({ violations }) => violations),
        notes: [
          'The rate is that between the first and the last twentieth of the answers. Provisor folds pending updates of one user; the others send each.',
          "Nest's transport and graphile-worker get the same updates and send the same PATCH by undici; they run for a bounded time.",
        ],
      };
    } finally {
      await world.close();
      await profile?.write();
    }
  },
};

interface Round {
  readonly rate: number;
  readonly updatesPerSecond: number;
  readonly violations: readonly string[];
}

/** Updates of users in runs of one to ten, geometrically distributed, mixed. */
function updatesOf(users: readonly string[], count: number, seed: string, first: number): Update[] {
  const random = new Random(seed);
  const updates: { user: string; at: number }[] = [];
  while (updates.length < count) {
    const user = random.pick(users);
    let run = 1;
    while (run < 10 && random.chance(0.5)) run += 1;
    for (let step = 0; step < run && updates.length < count; step += 1) updates.push({ user, at: random.next() });
  }
  updates.sort((a, b) => a.at - b.at);
  return updates.map(({ user }, index) => ({ user, number: first + index }));
}

async function measureOurs(world: DispatcherRig, updates: readonly Update[]): Promise<Round> {
  await world.rig.target.clear(SP_CONNECTION);
  const began = Date.now();
  const changes: MarkedChange[] = updates.map(({ user, number }) => ({ number, object: user, dueAt: began }));
  await world.tell(updates.map(({ user, number }) => ({ spConnection: SP_CONNECTION, objectId: user, number })));
  await world.settled();
  const ledger = await world.rig.target.ledger(SP_CONNECTION);
  const { disorder, lost, writes } = arrivalsOf(changes, ledger);
  const ended = Math.max(...writes.map(({ answeredAt }) => answeredAt));
  return {
    rate: steadyRate(writes),
    updatesPerSecond: (updates.length / (ended - began)) * 1000,
    violations: [...disorder, ...lost.map(({ number }) => `update ${number} is lost`)],
  };
}

async function hotUser(world: DispatcherRig, user: string): Promise<number> {
  await world.rig.target.clear(SP_CONNECTION);
  const numbers = Array.from({ length: HOT_UPDATES }, (_, index) => 900_000_000 + index);
  await world.tell(numbers.map((number) => ({ spConnection: SP_CONNECTION, objectId: user, number })));
  await world.settled();
  return (await world.rig.target.ledger(SP_CONNECTION)).filter(({ method }) => method !== 'GET').length;
}
