import { setTimeout as pause } from 'node:timers/promises';
import { DispatcherRig } from '../rig/dispatcher-rig.js';
import type { Benchmark, Form, Outcome } from '../suite/benchmark.js';
import { atLeast, atMost, figure } from '../suite/measured.js';

/** Slack's 180 a minute with a burst of 20, faster so that a minute of it fits into seconds. */
const SIZES: Readonly<Record<Form, { perMinute: number; burst: number; seconds: number; dispatchers: number }>> = {
  smoke: { perMinute: 1_200, burst: 5, seconds: 2, dispatchers: 1 },
  quick: { perMinute: 1_800, burst: 20, seconds: 30, dispatchers: 3 },
  full: { perMinute: 1_800, burst: 20, seconds: 300, dispatchers: 3 },
};
const TENANT = 'slack';
const CONNECTIONS = ['one', 'two'] as const;
const SCOPE = 'organisation';

/** A budget of requests is used up and not exceeded, by two SP connections that share it and three replicas of the dispatcher. */
export const b7Budget: Benchmark = {
  id: 'B7',
  title: 'Use of a request budget',
  goal: '≥ 0.98 of what is allowed, ≤ 0.1 % refused, shares within 5 %',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const { perMinute, burst, seconds, dispatchers } = sizes;
    const { screen } = context;
    const world = await DispatcherRig.open({ infrastructure: context.infrastructure, name: 'b7', dispatchers });
    const { target } = world.rig;
    try {
      await target.limit(TENANT, { perMinute, burst });
      const perSecond = perMinute / 60;
      const limits = `scope: ${SCOPE}, requestsPerSecond: ${perSecond}, burst: ${burst}`;
      for (const name of CONNECTIONS) await world.configure({ name, tenant: TENANT, concurrency: 16, limits });
      const enough = Math.ceil(perSecond * seconds + burst) + 200;
      await world.tell(
        Array.from({ length: enough }, (_, index) =>
          CONNECTIONS.map((spConnection) => ({ spConnection, objectId: `${spConnection}-${index}` })),
        ).flat(),
      );
      await screen.step(`${perMinute} requests a minute for ${seconds} s, ${dispatchers} dispatchers`, async () => {
        const begun = async (): Promise<boolean> => (await target.progress(TENANT)).requests > 0;
        await world.rig.until('the first request', begun, 60_000, 20);
        await pause((seconds + 1) * 1000);
      });
      const ledger = await target.ledger(TENANT);
      const began = ledger[0]?.time ?? 0;
      const within = ledger.filter(({ time }) => time < began + seconds * 1000);
      const refused = within.filter(({ status }) => status === 429).length;
      const accepted = within.length - refused;
      const allowed = burst + perSecond * seconds;
      const about = (name: string) => new RegExp(`\\b${name}-\\d+`);
      const shares = CONNECTIONS.map(
        (name) => within.filter(({ key, path }) => about(name).test(`${key} ${decodeURIComponent(path)}`)).length,
      );
      const fairness = Math.min(...shares) / Math.max(...shares);
      return {
        settings: { ...sizes, spConnections: CONNECTIONS.length },
        figures: [
          figure('used of what is allowed', '', accepted / allowed),
          figure('refused', '%', (refused / within.length) * 100),
          figure('requests', '', within.length),
          figure('smaller share / larger share of the two SP connections', '', fairness),
        ],
        goals: [
          atLeast('used of what is allowed', 0.98, accepted / allowed),
          atMost('refused', 0.1, (refused / within.length) * 100, '%'),
          atLeast('smaller share / larger share', 0.95, fairness),
        ],
        violations: [],
        notes: [
          'Allowed is the burst and the rate from the first request on, reads included, as the service provider counts them: a token bucket at its side.',
          'Commands of a limit scope lie in one partition, so one replica serves the scope and the others stand by.',
        ],
      };
    } finally {
      await world.close();
    }
  },
};
