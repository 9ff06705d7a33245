import { identityChanges, provisioningCommands } from '@provisor/contracts';
import { Random } from '@provisor/demo';
import { Profile } from '../profile/profile.js';
import { ConsumptionWatch } from '../rig/consumption.js';
import type { Rig } from '../rig/rig.js';
import { percentile, summarize, type LatencySummary } from '../statistics/percentile.js';
import { poissonSchedule, zipf } from '../statistics/schedule.js';
import type { Benchmark, BenchContext, Form } from '../suite/benchmark.js';
import { atMost, figure } from '../suite/measured.js';
import { mark } from '../target/mark.js';
import { DirectoryChanges } from '../workload/directory-changes.js';
import { loadedRig, SP_CONNECTION, untilQuiet } from '../workload/loaded-rig.js';
import { arrivalsOf, type MarkedChange } from '../workload/marked-changes.js';
import { openLoop } from '../workload/open-loop.js';
import { topicLatencies } from '../workload/topic-latency.js';
import { people, type BenchPerson } from '../workload/people.js';

const SIZES: Readonly<Record<Form, { users: number; perSecond: number; seconds: number; rounds: number }>> = {
  smoke: { users: 60, perSecond: 20, seconds: 2, rounds: 1 },
  quick: { users: 5_000, perSecond: 200, seconds: 15, rounds: 3 },
  full: { users: 100_000, perSecond: 200, seconds: 100, rounds: 3 },
};
const SERVICE_TIME_MS = 5;
/** Topics between the directory and the request: identity.changes and provisioning.commands. */
const HOPS = 2;

/** How long a change of the directory takes to the service provider's 2xx while 200 others a second do the same. */
export const b2ChangeLatency: Benchmark = {
  id: 'B2',
  title: 'Change latency',
  goal: 'p50 ≤ floor + 12 ms, p99 ≤ 100 ms, p99.9 ≤ 500 ms, from the directory to the 2xx',
  async run(context) {
    const sizes = SIZES[context.form];
    const everybody = people(sizes.users, context.seed);
    const profile = Profile.of('B2', context);
    const rig = await loadedRig(context, { name: 'b2', people: everybody, profileDir: profile?.dir });
    try {
      const notifyMs = await directoryRoundTrip(rig, everybody);
      await rig.target.configure(SP_CONNECTION, { serviceTimeMs: SERVICE_TIME_MS });
      const rounds: Round[] = [];
      await profile?.begin(rig);
      for (let round = 1; round <= sizes.rounds; round += 1)
        rounds.push(
          await context.screen.step(
            `Round ${round} of ${sizes.rounds}: ${sizes.perSecond} changes/s for ${sizes.seconds} s`,
            () =>
              measureRound(rig, everybody, { ...sizes, seed: `${context.seed}/${round}`, first: round * 1_000_000 }),
          ),
        );
      await profile?.end(
        rig,
        rounds.reduce((sum, { changes }) => sum + changes, 0),
      );
      return outcome(context, { rounds, notifyMs, sizes });
    } finally {
      await rig.close();
      await profile?.write();
    }
  },
};

interface Round {
  readonly latency: LatencySummary;
  /** Until the event, and until the command, was sent to its topic. */
  readonly event: LatencySummary;
  readonly command: LatencySummary;
  readonly changes: number;
  /** CPU milliseconds per change, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly violations: readonly string[];
}

async function measureRound(
  rig: Rig,
  everybody: readonly BenchPerson[],
  o: { perSecond: number; seconds: number; seed: string; first: number },
): Promise<Round> {
  await untilQuiet(rig);
  await rig.target.clear(SP_CONNECTION);
  const random = new Random(`${o.seed}/changes`);
  const schedule = poissonSchedule(random, o);
  const next = zipf(random, everybody.length);
  const directory = await DirectoryChanges.connect(rig.directory);
  const changes: MarkedChange[] = [];
  const watch = new ConsumptionWatch(rig.processes);
  await openLoop(schedule, (index, dueAt) => {
    const number = o.first + index;
    const chosen = next();
    const person = everybody[chosen];
    if (person === undefined) return;
    changes.push({ number, object: person.objectId, dueAt });
    const more = random.below(3);
    return directory.replace(chosen, person.dn, {
      title: `Engineer ${mark(number)}`,
      ...(more > 0 && { roomNumber: `1.${100 + random.below(899)}` }),
      ...(more > 1 && { l: `City ${random.below(100)}` }),
    });
  });
  await directory.close();
  await untilQuiet(rig);
  const { cpu } = watch.end();
  const ledger = await rig.target.ledger(SP_CONNECTION);
  const { arrived, lost, disorder, writes } = arrivalsOf(changes, ledger);
  return {
    latency: summarize(arrived.map(({ latencyMs }) => latencyMs)),
    event: summarize(await topicLatencies(rig, identityChanges.name, changes)),
    command: summarize(await topicLatencies(rig, provisioningCommands('scim').name, changes)),
    changes: changes.length,
    cpu: Object.fromEntries(Object.entries(cpu).map(([name, seconds]) => [name, (seconds * 1000) / changes.length])),
    requests: writes.length,
    violations: [...disorder, ...lost.map(({ number, object }) => `change ${number} of ${object} is lost`)],
  };
}

/** How long the directory alone takes to acknowledge a modification. */
async function directoryRoundTrip(rig: Rig, everybody: readonly BenchPerson[]): Promise<number> {
  const person = everybody[0];
  if (person === undefined) return Number.NaN;
  const took: number[] = [];
  for (let count = 0; count < 30; count += 1) {
    const began = performance.now();
    await rig.directoryClient.replace(person.dn, 'description', `probe ${count}`);
    took.push(performance.now() - began);
  }
  return percentile(took, 50);
}

function outcome(
  context: BenchContext,
  o: { rounds: readonly Round[]; notifyMs: number; sizes: (typeof SIZES)[Form] },
) {
  const { rounds, notifyMs, sizes } = o;
  const hop = context.ceilings.kafkaHopMs;
  const floor = notifyMs + HOPS * hop + SERVICE_TIME_MS;
  const of = (key: keyof LatencySummary): number[] => rounds.map(({ latency }) => latency[key]);
  const middle = (key: keyof LatencySummary): number => percentile(of(key), 50);
  return {
    settings: { ...sizes, sources: 'LDAP (change log)', serviceTimeMs: SERVICE_TIME_MS, distribution: 'Zipf 1.0' },
    figures: [
      figure('p50', 'ms', ...of('p50')),
      figure('p90', 'ms', ...of('p90')),
      figure('p99', 'ms', ...of('p99')),
      figure('p99.9', 'ms', ...of('p999')),
      figure('longest', 'ms', ...of('max')),
      figure('of p50 until the event is sent', 'ms', ...rounds.map(({ event }) => event.p50)),
      figure('of p50 until the command is sent', 'ms', ...rounds.map(({ command }) => command.p50)),
      figure('floor: directory, two Kafka hops, service time', 'ms', floor),
      figure('of it one Kafka hop', 'ms', hop),
      figure('requests per change', '', ...rounds.map(({ requests, changes }) => requests / changes)),
      ...Object.keys(rounds[0]?.cpu ?? {}).map((name) =>
        figure(`CPU of ${name} per change`, 'ms', ...rounds.map(({ cpu }) => cpu[name] ?? 0)),
      ),
      figure('instead: poll every 60 s, p50 by arithmetic', 'ms', 30_000 + SERVICE_TIME_MS),
      figure('instead: poll every 60 s, p99 by arithmetic', 'ms', 59_400 + SERVICE_TIME_MS),
      figure('instead: poll every 1 s, p50 by arithmetic', 'ms', 500 + SERVICE_TIME_MS),
    ],
    goals: [
      atMost('p50', floor + 12, middle('p50'), 'ms'),
      atMost('p99', 100, middle('p99'), 'ms'),
      atMost('p99.9', 500, middle('p999'), 'ms'),
    ],
    violations: rounds.flatMap(({ violations }) => violations),
    notes: [
      'From the moment at which the change of the directory was due to the 2xx of the service provider that carries it or a later one of the same person.',
      'The floor counts the two topics on the way. The change log of the directory cannot push; that change capture looks at it every 50 ms is part of what is measured, not of the floor.',
      'A poll finds a change on average half an interval late, whatever follows.',
    ],
  };
}
