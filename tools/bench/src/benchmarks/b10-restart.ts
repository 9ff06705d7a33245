import { Random } from '@provisor/demo';
import type { ServiceProcess } from '@provisor/e2e';
import { setTimeout as pause } from 'node:timers/promises';
import { DispatcherRig } from '../rig/dispatcher-rig.js';
import { poissonSchedule } from '../statistics/schedule.js';
import type { Benchmark, Form, Outcome } from '../suite/benchmark.js';
import { atLeast, atMost, exactly, figure } from '../suite/measured.js';
import { arrivalsOf, steadyRate, type MarkedChange } from '../workload/marked-changes.js';
import { openLoop } from '../workload/open-loop.js';

/** Outages are longer than a consumer's session (15 s), as a crash that somebody has to notice is. */
const SIZES: Readonly<Record<Form, { users: number; perSecond: number; outageSeconds: number }>> = {
  smoke: { users: 40, perSecond: 20, outageSeconds: 1 },
  quick: { users: 5_000, perSecond: 200, outageSeconds: 18 },
  full: { users: 30_000, perSecond: 500, outageSeconds: 60 },
};
const SP_CONNECTION = 'target';
const IN_FLIGHT = 64;
const SERVICE_TIME_MS = 5;

/** The dispatcher is killed in the middle of its work and comes back while changes keep arriving. */
export const b10Restart: Benchmark = {
  id: 'B10',
  title: 'Restart and catch-up',
  goal: 'catches up at ≥ 0.95 of its capacity, first request ≤ 2 s after the start, no effect twice',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const { screen, seed } = context;
    const { users, perSecond, outageSeconds } = sizes;
    const world = await DispatcherRig.open({ infrastructure: context.infrastructure, name: 'b10' });
    const { rig } = world;
    try {
      const ids = Array.from({ length: users }, (_, index) => `user-${index}`);
      await screen.step(`${users} accounts`, async () => {
        await world.configure({ name: SP_CONNECTION, concurrency: IN_FLIGHT });
        await world.tell(ids.map((objectId) => ({ spConnection: SP_CONNECTION, objectId })));
        await world.settled();
        await rig.target.configure(SP_CONNECTION, { serviceTimeMs: SERVICE_TIME_MS });
      });
      const sizeOfBacklog = perSecond * outageSeconds;
      const dispatcher = rig.service('dispatcher');
      const prepared = await screen.step('Calls alone: a backlog that was taken in before', () =>
        callsAlone(world, ids.slice(0, sizeOfBacklog)),
      );
      const capacity = await screen.step('Capacity: a backlog in the topic and nothing else', () =>
        capacityOf(world, dispatcher, ids.slice(0, sizeOfBacklog)),
      );
      await rig.target.clear(SP_CONNECTION);
      const random = new Random(`${seed}/b10`);
      const before = 2;
      const after = Math.ceil(outageSeconds / 2) + 2;
      const schedule = poissonSchedule(random, { perSecond, seconds: before + outageSeconds + after });
      const changes: MarkedChange[] = [];
      const load = openLoop(schedule, (index, dueAt) => {
        const number = 1_000_000 + index;
        const object = ids[random.below(ids.length)] ?? '';
        changes.push({ number, object, dueAt });
        return world.tell([{ spConnection: SP_CONNECTION, objectId: object, number }]);
      });
      const { killedAt, startedAt } = await screen.step(`Killed, ${outageSeconds} s away, started again`, async () => {
        await pause(before * 1000);
        await dispatcher.kill();
        const killed = Date.now();
        await pause(outageSeconds * 1000);
        const started = Date.now();
        await dispatcher.launch();
        return { killedAt: killed, startedAt: started };
      });
      await screen.step('Until nothing is left to do', async () => {
        await load;
        await dispatcher.untilReady();
        await world.settled();
      });
      const ledger = await rig.target.ledger(SP_CONNECTION);
      const { arrived, lost, disorder, repeated } = arrivalsOf(changes, ledger);
      const back = ledger.filter(({ time, method }) => time >= startedAt && method !== 'GET');
      const first = Math.min(...back.map(({ time }) => time));
      const backlog = arrived.filter(({ change }) => change.dueAt < startedAt);
      const caughtUpAt = Math.max(startedAt, ...backlog.map(({ change, latencyMs }) => change.dueAt + latencyMs));
      const catching = back.filter(({ answeredAt }) => answeredAt <= caughtUpAt && answeredAt > 0);
      const rate = steadyRate(catching);
      return {
        settings: { ...sizes, inFlight: IN_FLIGHT, serviceTimeMs: SERVICE_TIME_MS },
        figures: [
          figure('capacity', 'requests/s', capacity),
          figure('calls alone, all commands taken in before', 'requests/s', prepared),
          figure('rate while catching up', 'requests/s', rate),
          figure('catching up / capacity', '', rate / capacity),
          figure('catching up / calls alone', '', rate / prepared),
          figure('first request after the start', 's', (first - startedAt) / 1000),
          figure('backlog worked off after the start', 's', (caughtUpAt - startedAt) / 1000),
          figure(
            'changes of the outage',
            '',
            changes.filter(({ dueAt }) => dueAt >= killedAt && dueAt < startedAt).length,
          ),
          figure('requests twice', '', repeated),
        ],
        goals: [
          atLeast('catching up / capacity', 0.95, rate / capacity),
          atLeast('catching up / calls alone', 0.95, rate / prepared),
          atMost('first request after the start', 2, (first - startedAt) / 1000, 's'),
          atMost('requests twice (at most what was in flight)', IN_FLIGHT, repeated),
          exactly('lost changes', 0, lost.length),
        ],
        violations: [...disorder, ...lost.map(({ number, object }) => `change ${number} of ${object} is lost`)],
        notes: [
          'Capacity is what the dispatcher does of a backlog in its topic when no changes arrive: taking in, calling and settling, as while it catches up.',
          'SIGKILL with requests in flight; changes keep arriving at the same rate before, during and after the outage. The first request counts from the start of the process, its loading included.',
          'A request that repeats what the account has already changes nothing at the service provider. Changes of one person are folded, so that there are fewer requests than changes.',
        ],
      };
    } finally {
      await world.close();
    }
  },
};

/** Requests per second with which a backlog is worked off that was taken in while the SP connection was paused. */
async function callsAlone(world: DispatcherRig, ids: readonly string[]): Promise<number> {
  await world.control('pause', SP_CONNECTION);
  await tellAll(world, ids, 1);
  await world.ingested();
  await world.rig.target.clear(SP_CONNECTION);
  await world.control('resume', SP_CONNECTION);
  await world.settled();
  return steadyRate(await world.rig.target.ledger(SP_CONNECTION));
}

/** Requests per second with which a backlog is taken in and worked off that came while the dispatcher was not there. */
async function capacityOf(world: DispatcherRig, dispatcher: ServiceProcess, ids: readonly string[]): Promise<number> {
  await dispatcher.stop();
  await world.rig.target.clear(SP_CONNECTION);
  await tellAll(world, ids, 100_000);
  await dispatcher.launch();
  await dispatcher.untilReady();
  await world.settled();
  return steadyRate(await world.rig.target.ledger(SP_CONNECTION));
}

const tellAll = (world: DispatcherRig, ids: readonly string[], first: number): Promise<void> =>
  world.tell(ids.map((objectId, index) => ({ spConnection: SP_CONNECTION, objectId, number: first + index })));
