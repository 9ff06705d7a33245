import { Random } from '@provisor/demo';
import { DispatcherRig, type Told } from '../rig/dispatcher-rig.js';
import { peakMemory } from '../machine/process-table.js';
import { percentile } from '../statistics/percentile.js';
import { poissonSchedule } from '../statistics/schedule.js';
import type { Benchmark, Form, Outcome } from '../suite/benchmark.js';
import { atMost, exactly, figure } from '../suite/measured.js';
import type { TargetRequest } from '../target/target-process.js';
import { arrivalsOf, type MarkedChange } from '../workload/marked-changes.js';
import { openLoop } from '../workload/open-loop.js';

const SIZES: Readonly<Record<Form, { members: number; churn: number; seconds: number; usersPerSecond: number }>> = {
  smoke: { members: 120, churn: 20, seconds: 2, usersPerSecond: 5 },
  quick: { members: 5_000, churn: 1_000, seconds: 10, usersPerSecond: 50 },
  full: { members: 100_000, churn: 10_000, seconds: 60, usersPerSecond: 50 },
};
/** Members of one PATCH: as AWS and as Miro allow them. */
const AWS = 100;
const MIRO = 8_000;
const GROUP = 'everybody';

/** A group with very many members costs no more than its difference. */
export const b5HotGroup: Benchmark = {
  id: 'B5',
  title: 'Hot group',
  goal: 'requests = limit: 1 for one member more or less, members / 100 and members / 8,000 for a first load, ≤ 1.1 × changes / 100 under churn',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const { members, churn } = sizes;
    const { screen } = context;
    const world = await DispatcherRig.open({
      infrastructure: context.infrastructure,
      name: 'b5',
      target: { maxMembersPerPatch: MIRO },
    });
    const { rig } = world;
    try {
      // A few people more than members, to be added later.
      const ids = Array.from({ length: members + churn + 1 }, (_, index) => `user-${index}`);
      const firstLoads: { name: string; wanted: number; requests: number }[] = [];
      for (const [name, limit] of [
        ['miro', MIRO],
        ['aws', AWS],
      ] as const) {
        const requests = await screen.step(`First load of ${members} members, ${limit} per request`, () =>
          firstLoad(world, { name, limit, ids, members }),
        );
        firstLoads.push({ name, wanted: Math.ceil(members / limit), requests });
      }
      const name = 'aws';
      const memory = peakOf(world);
      const one = ids[members] ?? '';
      const added = await groupRequests(world, name, () =>
        world.tell([{ spConnection: name, objectId: one, memberOf: [GROUP] }]),
      );
      const removed = await groupRequests(world, name, () =>
        world.tell([{ spConnection: name, objectId: one, memberOf: [] }]),
      );
      const churned = await screen.step(
        `${churn} memberships in ${sizes.seconds} s beside ${sizes.usersPerSecond} changes/s`,
        () => measureChurn(world, { name, sizes, ids, seed: context.seed }),
      );
      const summary = await rig.target.progress(name);
      const bytes = Math.max(...[...added, ...removed].map((request) => request.bytes));
      const limit = Math.ceil(churn / AWS);
      return {
        settings: { ...sizes, limits: `${AWS} and ${MIRO} members per PATCH` },
        figures: [
          figure('one member more', 'requests', added.length),
          figure('one member less', 'requests', removed.length),
          figure('largest of these', 'bytes', bytes),
          ...firstLoads.map((load) => figure(`first load, ${load.name}`, 'requests', load.requests)),
          figure('under churn', 'requests', churned.requests),
          figure('under churn, of the limit', '×', churned.requests / limit),
          figure('user changes under churn, p99', 'ms', churned.p99),
          figure('peak memory of the dispatcher more than before', 'MiB', peakOf(world) - memory),
          figure('instead: PUT of the whole group for each change', 'bytes', members * 80),
          figure('instead: a look at each member', 'requests', members),
        ],
        goals: [
          exactly('requests for one member more', 1, added.length),
          exactly('requests for one member less', 1, removed.length),
          atMost('size of such a request', 1024, bytes, 'bytes'),
          ...firstLoads.map((load) => exactly(`requests of the first load, ${load.name}`, load.wanted, load.requests)),
          atMost('requests under churn', Math.floor(limit * 1.1), churned.requests),
        ],
        violations: [
          ...churned.violations,
          ...(summary.memberships === members + churn
            ? []
            : [`The group has ${summary.memberships} of ${members + churn} members`]),
        ],
        notes: [
          'Requests are all those about the group, reads included. All accounts exist before; the first load is taken in while the SP connection is paused, then sent.',
          'What would be done instead is arithmetic: about 80 bytes for each member of a PUT.',
        ],
      };
    } finally {
      await world.close();
    }
  },
};

async function firstLoad(
  world: DispatcherRig,
  o: { name: string; limit: number; ids: readonly string[]; members: number },
): Promise<number> {
  const { name, limit, ids, members } = o;
  await world.configure({
    name,
    groups: true,
    concurrency: 64,
    profile: `{ groups: { maxMembersPerPatch: ${limit} } }`,
  });
  await world.tell([{ spConnection: name, objectId: GROUP, objectType: 'group' }]);
  await world.tell(ids.map((objectId) => ({ spConnection: name, objectId, memberOf: [] })));
  await world.settled();
  const load = await groupRequests(world, name, async () => {
    await world.control('pause', name);
    const told: Told[] = ids.slice(0, members).map((objectId) => ({ spConnection: name, objectId, memberOf: [GROUP] }));
    await world.tell(told);
    await world.ingested();
    await world.control('resume', name);
  });
  return load.length;
}

/** Requests about groups that `work` leads to. */
async function groupRequests(world: DispatcherRig, name: string, work: () => Promise<void>): Promise<TargetRequest[]> {
  await world.rig.target.clear(name);
  await work();
  await world.settled();
  return groupsOnly(await world.rig.target.ledger(name));
}

const groupsOnly = (ledger: readonly TargetRequest[]): TargetRequest[] =>
  ledger.filter(({ path }) => path.startsWith('/Groups'));

async function measureChurn(
  world: DispatcherRig,
  o: { name: string; sizes: (typeof SIZES)[Form]; ids: readonly string[]; seed: string },
): Promise<{ requests: number; p99: number; violations: readonly string[] }> {
  const { name, sizes, ids, seed } = o;
  const { members, churn, seconds, usersPerSecond } = sizes;
  await world.rig.target.clear(name);
  const random = new Random(`${seed}/b5`);
  const joins = poissonSchedule(random, { perSecond: churn / seconds, seconds: seconds * 2 }).slice(0, churn);
  const joining = openLoop(joins, (index) =>
    world.tell([{ spConnection: name, objectId: ids[members + 1 + index] ?? '', memberOf: [GROUP] }]),
  );
  const changes: MarkedChange[] = [];
  await openLoop(poissonSchedule(random, { perSecond: usersPerSecond, seconds }), (index, dueAt) => {
    const objectId = ids[random.below(members)] ?? '';
    changes.push({ number: 1 + index, object: objectId, dueAt });
    return world.tell([{ spConnection: name, objectId, number: 1 + index, memberOf: [GROUP] }]);
  });
  await joining;
  await world.settled();
  const ledger = await world.rig.target.ledger(name);
  const { arrived, lost, disorder } = arrivalsOf(changes, ledger);
  return {
    requests: groupsOnly(ledger).length,
    p99: percentile(
      arrived.map(({ latencyMs }) => latencyMs),
      99,
    ),
    violations: [...disorder, ...lost.map(({ number }) => `change ${number} is lost`)],
  };
}

const peakOf = ({ rig }: DispatcherRig): number => peakMemory(rig.service('dispatcher').pid ?? 0) ?? Number.NaN;
