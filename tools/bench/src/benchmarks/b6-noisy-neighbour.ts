import { Random } from '@provisor/demo';
import type { Fault } from '@provisor/testing';
import { ConsumptionWatch } from '../rig/consumption.js';
import { DispatcherRig } from '../rig/dispatcher-rig.js';
import { percentile } from '../statistics/percentile.js';
import { poissonSchedule } from '../statistics/schedule.js';
import type { Benchmark, BenchContext, Figure, Form, Goal, Outcome } from '../suite/benchmark.js';
import { atLeast, atMost, figure } from '../suite/measured.js';
import type { TargetRequest } from '../target/target-process.js';
import { arrivalsOf, type MarkedChange } from '../workload/marked-changes.js';
import { openLoop } from '../workload/open-loop.js';

interface Sizes {
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly backlog: number;
  readonly users: number;
  /** Windows of so many seconds: quiet ones before each illness and after the last, and as many ill ones. */
  readonly windows: number;
}

const SIZES: Readonly<Record<Form, Sizes>> = {
  smoke: { connections: 3, perSecond: 10, seconds: 2, backlog: 20, users: 10, windows: 1 },
  quick: { connections: 10, perSecond: 15, seconds: 8, backlog: 2_000, users: 200, windows: 5 },
  full: { connections: 20, perSecond: 20, seconds: 36, backlog: 50_000, users: 1_000, windows: 5 },
};
const SERVICE_TIME_MS = 5;
/** How long each illness holds a request up, or asks to be left alone. */
const HOLD_S: Readonly<Record<Form, number>> = { smoke: 2, quick: 8, full: 30 };
const EVER = 1_000_000_000;

interface Illness {
  readonly name: string;
  readonly fault: Fault;
  readonly quick: boolean;
}

const illnesses = (form: Form): Illness[] => {
  const hold = HOLD_S[form];
  const all: Illness[] = [
    {
      name: `429, Retry-After ${hold} s`,
      quick: true,
      fault: { kind: 'throttle', seconds: hold, style: 'retry-after', times: EVER },
    },
    { name: `answers after ${hold} s`, quick: true, fault: { kind: 'delay', ms: hold * 1000, times: EVER } },
    { name: 'resets', quick: false, fault: { kind: 'reset', times: EVER } },
    { name: '500 for all', quick: false, fault: { kind: 'status', status: 500, times: EVER } },
  ];
  return all.filter(({ quick }) => quick || form === 'full');
};

/** One service provider is ill, with a backlog behind it; the others must not notice. */
export const b6NoisyNeighbour: Benchmark = {
  id: 'B6',
  title: 'Noisy neighbour',
  goal: 'p99 of the others ≤ 1.1 × their own quiet p99, rate ≥ 0.99, back to work ≤ 10 s after the recovery',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const names = Array.from({ length: sizes.connections }, (_, index) => `sp-${index}`);
    const world = await DispatcherRig.open({
      infrastructure: context.infrastructure,
      name: 'b6',
      target: { serviceTimeMs: SERVICE_TIME_MS },
    });
    try {
      await context.screen.step(`${names.length} SP connections`, () => setUp(world, names, sizes));
      const all = illnesses(context.form);
      // One that was ill may be spared for a while afterwards: it is no witness.
      const others = names.slice(all.length);
      const load = new Load(world, { ...sizes, names, others, seed: context.seed });
      await context.screen.step('All healthy, not counted', () => load.run('warm'));
      const episodes: Episode[] = [];
      for (const [index, illness] of all.entries()) {
        // Another one each time: with the accounts of all these backlogs it would become a target of another size.
        const sick = names[index] ?? '';
        episodes.push(await episode(context, { world, load, sick, illness, ...sizes }));
      }
      // On average as late as the ill ones: a process gets faster while it runs.
      const quiet = [
        ...episodes.flatMap((one) => one.quiet),
        ...(await measure(context, { world, load, ...sizes }, 'All healthy at the end')),
      ];
      const quietP99 = p99Of(quiet);
      return {
        settings: { ...sizes, serviceTimeMs: SERVICE_TIME_MS },
        figures: [
          figure('all healthy: p99, each window', 'ms', ...quiet.map((window) => p99Of([window]))),
          figure('all healthy: p99', 'ms', quietP99),
          figure('all healthy: dispatcher', 'cores', ...quiet.map(({ cores }) => cores)),
          ...episodes.flatMap((one) => figuresOf(one, quietP99)),
        ],
        goals: episodes.flatMap((one) => goalsOf(one, quietP99)),
        violations: [...quiet, ...episodes.flatMap(({ ill }) => ill)].flatMap((one) => one.violations),
        notes: [
          'Quiet windows come before each illness and after the last, and count together; the database does its housekeeping before each window. A p99 is that of all windows of a kind together, because windows of one kind differ by a factor of two and more by themselves.',
          'Latency of the healthy ones counts from the moment at which a command was due to the 2xx. The ill one has its backlog before the others are measured.',
          'Recovery counts to the first accepted request, from the moment at which the service provider is well again and whatever it had asked for (Retry-After) or held up is over.',
          'Requests during Retry-After are those that begin after its first refusal was answered: what was in flight together with it cannot be taken back. Of several Retry-After the worst counts.',
        ],
      };
    } finally {
      await world.close();
    }
  },
};

async function setUp(world: DispatcherRig, names: readonly string[], sizes: { users: number }): Promise<void> {
  for (const name of names) {
    await world.configure({ name, concurrency: 16 });
    await world.tell(usersOf(sizes.users).map((objectId) => ({ spConnection: name, objectId })));
  }
  await world.settled();
}

const usersOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `user-${index}`);

interface Measured {
  /** From the moment at which a change was due to the 2xx, in milliseconds. */
  readonly latencies: readonly number[];
  /** Answered changes, of those that were due. */
  readonly share: number;
  /** Cores that the dispatcher used. */
  readonly cores: number;
  readonly violations: readonly string[];
}

interface LoadOptions {
  readonly names: readonly string[];
  /** Of whom figures are taken. */
  readonly others: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed: string;
}

/** Changes at all SP connections by one Poisson schedule. */
class Load {
  readonly #world: DispatcherRig;
  readonly #o: LoadOptions;
  #round = 0;

  constructor(world: DispatcherRig, options: LoadOptions) {
    this.#world = world;
    this.#o = options;
  }

  /** Measures the others. Everybody but the sick one is held to order and completeness. */
  async run(name: string, sick?: string): Promise<Measured> {
    const { perSecond, seconds, users, seed, names, others } = this.#o;
    this.#round += 1;
    const random = new Random(`${seed}/${name}`);
    const { target } = this.#world.rig;
    const healthy = names.filter((one) => one !== sick);
    for (const one of healthy) await target.clear(one);
    const changes = new Map<string, MarkedChange[]>(healthy.map((one) => [one, []]));
    const schedule = poissonSchedule(random, { perSecond: perSecond * names.length, seconds });
    const watch = new ConsumptionWatch(this.#world.rig.processes);
    await openLoop(schedule, (index, dueAt) => {
      const spConnection = random.pick(names);
      const objectId = `user-${random.below(users)}`;
      const number = this.#round * 10_000_000 + index;
      changes.get(spConnection)?.push({ number, object: objectId, dueAt });
      return this.#world.tell([{ spConnection, objectId, number }]);
    });
    const { cpu } = watch.end();
    await this.#world.settled(60_000, ...healthy);
    const arrivals = await Promise.all(
      [...changes].map(async ([one, made]) => ({ one, made, ...arrivalsOf(made, await target.ledger(one)) })),
    );
    const witnesses = arrivals.filter(({ one }) => others.includes(one));
    const latencies = witnesses.flatMap(({ arrived }) => arrived.map(({ latencyMs }) => latencyMs));
    return {
      latencies,
      cores: (cpu['dispatcher'] ?? Number.NaN) / seconds,
      share: latencies.length / witnesses.reduce((sum, { made }) => sum + made.length, 0),
      violations: arrivals.flatMap(({ one, disorder, lost }) => [
        ...disorder.map((text) => `${one}: ${text}`),
        ...lost.map(({ number }) => `${one}: change ${number} is lost`),
      ]),
    };
  }
}

/** Quiet windows, and after them those in which one is ill. */
interface Episode {
  readonly illness: Illness;
  readonly quiet: readonly Measured[];
  readonly ill: readonly Measured[];
  /** To the ill one, in all windows. */
  readonly requests: number;
  /** In the worst of all Retry-After. */
  readonly duringRetryAfter: number;
  readonly recoverySeconds: number;
}

/** Of all latencies of several windows together: a window alone has a p99 that few stalls of the machine decide. */
const p99Of = (windows: readonly Measured[]): number =>
  percentile(
    windows.flatMap(({ latencies }) => latencies),
    99,
  );

function figuresOf({ illness: { name }, ill, requests, recoverySeconds }: Episode, quietP99: number): Figure[] {
  const p99 = p99Of(ill);
  return [
    figure(`${name}: p99 of the others, each window`, 'ms', ...ill.map((window) => p99Of([window]))),
    figure(`${name}: p99 of the others`, 'ms', p99),
    figure(`${name}: p99 / quiet p99`, '×', p99 / quietP99),
    figure(`${name}: dispatcher`, 'cores', ...ill.map(({ cores }) => cores)),
    figure(`${name}: requests to the ill one`, '', requests),
    figure(`${name}: recovery`, 's', recoverySeconds),
  ];
}

function goalsOf({ illness, ill, duringRetryAfter, recoverySeconds }: Episode, quietP99: number): Goal[] {
  const { name, fault } = illness;
  return [
    atMost(`${name}: p99 of the others / quiet p99`, 1.1, p99Of(ill) / quietP99),
    atLeast(`${name}: rate of the others`, 0.99, Math.min(...ill.map(({ share }) => share))),
    atMost(`${name}: recovery`, 10, recoverySeconds, 's'),
    ...(fault.kind === 'throttle' ? [atMost('requests during one Retry-After', 1, duringRetryAfter)] : []),
  ];
}

interface WindowOptions extends Pick<Sizes, 'windows'> {
  readonly world: DispatcherRig;
  readonly load: Load;
}

async function measure(
  context: BenchContext,
  { world, load, windows }: WindowOptions,
  what: string,
  sick?: string,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let window = 1; window <= windows; window += 1) {
    const name = `${what}, ${window} of ${windows}`;
    await world.calm();
    measured.push(await context.screen.step(name, () => load.run(name, sick)));
  }
  return measured;
}

interface EpisodeOptions extends WindowOptions, Pick<Sizes, 'backlog'> {
  readonly sick: string;
  readonly illness: Illness;
}

async function episode(context: BenchContext, o: EpisodeOptions): Promise<Episode> {
  const { world, sick, illness, backlog } = o;
  const { target } = world.rig;
  const quiet = await measure(context, o, `All healthy before: ${illness.name}`);
  await target.fail(sick, illness.fault);
  await target.clear(sick);
  const fresh = Array.from({ length: backlog }, (_, index) => `${illness.name.replaceAll(/\W/g, '')}-${index}`);
  await context.screen.step(`A backlog for the ill one: ${illness.name}`, async () => {
    await world.tell(fresh.map((objectId) => ({ spConnection: sick, objectId, lane: 'bulk' as const })));
    await world.ingested();
  });
  const ill = await measure(context, o, `One is ill: ${illness.name}`, sick);
  const ledger = await target.ledger(sick);
  await target.heal(sick);
  const wellAt = Math.max(Date.now(), (ledger.at(-1)?.time ?? 0) + holdMs(illness.fault));
  const recovered = async (): Promise<number | false> => {
    const later = await target.ledger(sick, ledger.length);
    const accepted = later.find(({ status, answeredAt }) => answeredAt > 0 && status < 300);
    return accepted === undefined ? false : Math.max(0, (accepted.answeredAt - wellAt) / 1000);
  };
  const recoverySeconds = await world.rig.until(`${sick} is served again`, recovered, 120_000, 200);
  await context.screen.step('Its backlog', () => world.settled(300_000 + backlog * 10, sick));
  const duringRetryAfter = requestsDuring(illness.fault, ledger);
  return { illness, quiet, ill, requests: ledger.length, duringRetryAfter, recoverySeconds };
}

/** The most requests that began while the ill one had asked to be left alone. */
function requestsDuring(fault: Fault, ledger: readonly TargetRequest[]): number {
  if (fault.kind !== 'throttle') return 0;
  const holds: { from: number; until: number; requests: number }[] = [];
  for (const { time, status, answeredAt } of ledger) {
    const hold = holds.at(-1);
    const until = status === 429 ? answeredAt + fault.seconds * 1000 : 0;
    if (hold !== undefined && time < hold.until) {
      // The answer is on its way for a moment.
      if (time > hold.from + 100) hold.requests += 1;
      hold.until = Math.max(hold.until, until);
    } else if (until > 0) holds.push({ from: answeredAt, until, requests: 0 });
  }
  return Math.max(0, ...holds.map(({ requests }) => requests));
}

function holdMs(fault: Fault): number {
  if (fault.kind === 'throttle') return fault.seconds * 1000;
  return fault.kind === 'delay' ? fault.ms : 0;
}
