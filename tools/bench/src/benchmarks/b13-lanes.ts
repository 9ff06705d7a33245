import { identityChanges, provisioningCommands } from '@provisor/contracts';
import { Random } from '@provisor/demo';
import { setTimeout as pause } from 'node:timers/promises';
import type { Rig } from '../rig/rig.js';
import { summarize, type LatencySummary } from '../statistics/percentile.js';
import { poissonSchedule } from '../statistics/schedule.js';
import type { Benchmark, Figure, Form, Outcome } from '../suite/benchmark.js';
import { atMost, figure } from '../suite/measured.js';
import type { TargetRequest } from '../target/target-process.js';
import { DirectoryChanges } from '../workload/directory-changes.js';
import { connectionOf, loadedRig, SP_CONNECTION, untilQuiet } from '../workload/loaded-rig.js';
import { openLoop } from '../workload/open-loop.js';
import { people, type BenchPerson } from '../workload/people.js';
import { readTopic } from '../workload/read-topic.js';

const SIZES: Readonly<Record<Form, { users: number; leaversPerSecond: number; onDemandEveryMs: number }>> = {
  smoke: { users: 200, leaversPerSecond: 5, onDemandEveryMs: 500 },
  quick: { users: 4_000, leaversPerSecond: 5, onDemandEveryMs: 2_000 },
  full: { users: 100_000, leaversPerSecond: 5, onDemandEveryMs: 10_000 },
};
const SERVICE_TIME_MS = 20;
const CONCURRENCY = 16;
/** Enough that the directory is never idle, and few enough that this process sends leavers when they are due. */
const WRITES_AT_ONCE = 64;
/** Share of the people who are left out of the mass change, to leave or to be asked for during it. */
const RESERVED = 0.4;

/** Who leaves, and who is asked for, does not wait for a mass change. */
export const b13Lanes: Benchmark = {
  id: 'B13',
  title: 'Lanes',
  goal: 'during a mass change: leaver p99 ≤ 2 s, on demand p99 ≤ 3 s',
  async run(context): Promise<Outcome> {
    const sizes = SIZES[context.form];
    const everybody = people(sizes.users, context.seed);
    const connection = { concurrency: CONCURRENCY };
    const rig = await loadedRig(context, { name: 'b13', people: everybody, connection });
    try {
      await rig.target.configure(SP_CONNECTION, { serviceTimeMs: SERVICE_TIME_MS });
      const reserved = Math.ceil(everybody.length * RESERVED);
      const half = reserved / 2;
      const crowd = everybody.slice(reserved);
      const alone = await context.screen.step(`Mass change of ${crowd.length} entries, alone`, () =>
        massChange(rig, crowd, { city: 'Alone' }),
      );
      const run = new Interruptions(rig, everybody.slice(0, half), { ...sizes, seed: context.seed });
      const beside = await context.screen.step('The same with leavers and requests on demand', () =>
        run.during(() => massChange(rig, crowd, { city: 'Beside' })),
      );
      const remap = new Interruptions(rig, everybody.slice(half, reserved), {
        ...sizes,
        seed: `${context.seed}/remap`,
      });
      const remapped = await context.screen.step('A changed mapping of everybody, with the same', () =>
        remap.during(() => changedMapping(rig)),
      );
      return outcome({ alone, beside, remapped, sizes, changed: crowd.length });
    } finally {
      await rig.close();
    }
  },
};

/** One attribute of everybody over LDAP, as fast as the directory takes it; gives how long until all is at the service provider. */
async function massChange(rig: Rig, crowd: readonly BenchPerson[], o: { city: string }): Promise<number> {
  const before = (await rig.target.progress(SP_CONNECTION)).requests;
  const began = performance.now();
  const directory = await DirectoryChanges.connect(rig.directory);
  const left = crowd.entries();
  const write = async (): Promise<void> => {
    for (const [index, { dn }] of left) await directory.replace(index, dn, { l: `${o.city} ${index % 50}` });
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, write));
  await directory.close();
  await requestsBeyond(rig, before + crowd.length * 0.99);
  await untilQuiet(rig);
  return (performance.now() - began) / 1000;
}

/** Another expression for everybody; gives how long until all is at the service provider. */
async function changedMapping(rig: Rig): Promise<number> {
  const [row] = await rig.query<{ active: number }>(
    `select count(*)::int as active from dispatch.target_objects where desired ->> 'presence' = 'active'`,
  );
  const before = (await rig.target.progress(SP_CONNECTION)).requests;
  const began = performance.now();
  await rig.apply(connectionOf(rig, { concurrency: CONCURRENCY, displayName: "attr.displayName[0] + ' (new)'" }));
  await requestsBeyond(rig, before + (row?.active ?? 0) * 0.9);
  await untilQuiet(rig);
  return (performance.now() - began) / 1000;
}

/** Folding may spare a request here and there, so the last ones are waited for by the state of the services. */
async function requestsBeyond(rig: Rig, wanted: number): Promise<void> {
  const enough = async (): Promise<boolean> => (await rig.target.progress(SP_CONNECTION)).requests >= wanted;
  await rig.until('the mass change is under way', enough, 600_000);
}

interface Interrupted {
  readonly seconds: number;
  readonly leavers: LatencySummary;
  /** Until the directory had acknowledged them, the event was sent, and the command was sent. */
  readonly acknowledged: LatencySummary;
  readonly event: LatencySummary;
  readonly command: LatencySummary;
  readonly onDemand: LatencySummary;
  readonly violations: readonly string[];
}

/** Times in milliseconds since the epoch. */
interface Leaver {
  readonly person: BenchPerson;
  readonly dueAt: number;
  acknowledgedAt: number;
}

/** When the first record of each object that is meant was sent, by object id. */
async function sendTimes(
  rig: Rig,
  topic: string,
  isMeant: (text: string) => boolean,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { value, sentAt } of await readTopic(rig, topic)) {
    const text = value?.toString() ?? '';
    if (!isMeant(text)) continue;
    const { objectId } = JSON.parse(text) as { objectId: string };
    if (!times.has(objectId)) times.set(objectId, sentAt);
  }
  return times;
}

/** Leavers by a Poisson schedule, and requests on demand now and then, while something else goes on. */
class Interruptions {
  readonly #rig: Rig;
  readonly #people: readonly BenchPerson[];
  readonly #o: { readonly leaversPerSecond: number; readonly onDemandEveryMs: number; readonly seed: string };
  #next = 0;

  constructor(
    rig: Rig,
    reserved: readonly BenchPerson[],
    o: { leaversPerSecond: number; onDemandEveryMs: number; seed: string },
  ) {
    this.#rig = rig;
    this.#people = reserved;
    this.#o = o;
  }

  async during(work: () => Promise<number>): Promise<Interrupted> {
    const rig = this.#rig;
    const ids = accountIds(await rig.target.ledger(SP_CONNECTION));
    const from = (await rig.target.progress(SP_CONNECTION)).requests;
    const ended = new AbortController();
    const left = this.#leave(ended.signal);
    const asked = this.#ask(ended.signal);
    const seconds = await work().finally(() => ended.abort());
    const [leavers, onDemand] = await Promise.all([left, asked]);
    await untilQuiet(rig);
    const writes = Map.groupBy(
      (await rig.target.ledger(SP_CONNECTION, from)).filter(({ method, status }) => method !== 'GET' && status < 300),
      ({ path }) => path,
    );
    const events = await sendTimes(rig, identityChanges.name, (text) => text.includes('"left"'));
    const disabled = await sendTimes(rig, provisioningCommands('scim').name, (text) =>
      text.includes('"presence":"disabled"'),
    );
    const until = (times: ReadonlyMap<string, number>): LatencySummary =>
      summarize(leavers.map(({ person, dueAt }) => (times.get(person.objectId) ?? Number.NaN) - dueAt));
    const latencies: number[] = [];
    const violations: string[] = [];
    for (const { person, dueAt } of leavers) {
      // A mass change writes the same account before that, if it comes by.
      const sentAt = disabled.get(person.objectId) ?? Infinity;
      const write = writes.get(`/Users/${ids.get(person.objectId) ?? ''}`)?.find(({ time }) => time >= sentAt);
      if (write === undefined) violations.push(`${person.dn} left, and still has an account`);
      else latencies.push(write.answeredAt - dueAt);
    }
    return {
      seconds,
      leavers: summarize(latencies),
      acknowledged: summarize(leavers.map(({ dueAt, acknowledgedAt }) => acknowledgedAt - dueAt)),
      event: until(events),
      command: until(disabled),
      onDemand: summarize(onDemand),
      violations,
    };
  }

  async #leave(signal: AbortSignal): Promise<Leaver[]> {
    const { leaversPerSecond, seed } = this.#o;
    const left: Leaver[] = [];
    const directory = await DirectoryChanges.connect(this.#rig.directory, 1);
    const random = new Random(`${seed}/leavers`);
    while (!signal.aborted) {
      await openLoop(poissonSchedule(random, { perSecond: leaversPerSecond, seconds: 1 }), (_, dueAt) => {
        const person = this.#take();
        if (person === undefined || signal.aborted) return;
        const leaver: Leaver = { person, dueAt, acknowledgedAt: Number.NaN };
        left.push(leaver);
        return directory.replace(0, person.dn, { employeeType: 'left' }).then(() => {
          leaver.acknowledgedAt = Date.now();
        });
      });
      await pause(50);
    }
    await directory.close();
    return left;
  }

  /** Milliseconds from each request to its result. */
  async #ask(signal: AbortSignal): Promise<number[]> {
    const { admin } = this.#rig;
    const took: number[] = [];
    while (!signal.aborted) {
      const person = this.#take();
      if (person === undefined) break;
      const began = performance.now();
      const since = new Date().toISOString();
      await admin.provisionNow({ params: { name: SP_CONNECTION, objectId: person.objectId } });
      await this.#rig.until(
        'a result on demand',
        async () => {
          const query = { spConnection: SP_CONNECTION, objectId: person.objectId, since };
          return (await admin.listResults({ query })).results.length > 0;
        },
        60_000,
        20,
      );
      took.push(performance.now() - began);
      await pause(this.#o.onDemandEveryMs, undefined, { signal }).catch(() => undefined);
    }
    return took;
  }

  #take(): BenchPerson | undefined {
    const person = this.#people[this.#next];
    if (person !== undefined) this.#next += 1;
    return person;
  }
}

const accountIds = (ledger: readonly TargetRequest[]): Map<string, string> =>
  new Map(ledger.flatMap(({ effect, key, createdId }) => (effect === 'created' ? [[key, createdId] as const] : [])));

const partsOf = (name: string, { leavers, acknowledged, event, command }: Interrupted): Figure[] => [
  figure(`until the directory has them, p99, ${name}`, 'ms', acknowledged.p99),
  figure(`until the event is sent, p99, ${name}`, 'ms', event.p99),
  figure(`until the command is sent, p99, ${name}`, 'ms', command.p99),
  figure(`leaver, longest, ${name}`, 'ms', leavers.max),
];

function outcome(o: {
  alone: number;
  beside: Interrupted;
  remapped: Interrupted;
  sizes: (typeof SIZES)[Form];
  changed: number;
}): Outcome {
  const { alone, beside, remapped } = o;
  return {
    settings: { ...o.sizes, concurrency: CONCURRENCY, serviceTimeMs: SERVICE_TIME_MS },
    figures: [
      figure('mass change alone', 's', alone),
      figure('mass change with leavers and on demand', 's', beside.seconds),
      figure('slowed to', '×', beside.seconds / alone),
      figure('leavers during it', '', beside.leavers.count),
      figure('leaver p50, mass change over LDAP', 'ms', beside.leavers.p50),
      figure('leaver p99, mass change over LDAP', 'ms', beside.leavers.p99),
      ...partsOf('mass change over LDAP', beside),
      figure('on demand p99, mass change over LDAP', 'ms', beside.onDemand.p99),
      figure('changed mapping for everybody', 's', remapped.seconds),
      figure('leaver p50, changed mapping', 'ms', remapped.leavers.p50),
      figure('leaver p99, changed mapping', 'ms', remapped.leavers.p99),
      ...partsOf('changed mapping', remapped),
      figure('on demand p99, changed mapping', 'ms', remapped.onDemand.p99),
    ],
    goals: [
      atMost('leaver p99, mass change over LDAP', 2_000, beside.leavers.p99, 'ms'),
      atMost('on demand p99, mass change over LDAP', 3_000, beside.onDemand.p99, 'ms'),
      atMost('leaver p99, changed mapping', 2_000, remapped.leavers.p99, 'ms'),
      atMost('on demand p99, changed mapping', 3_000, remapped.onDemand.p99, 'ms'),
    ],
    violations: [...beside.violations, ...remapped.violations],
    notes: [
      `The mass change writes ${o.changed} entries as fast as the directory takes them. Leavers are written to the same directory, so that they stand behind it in the change log.`,
      'Leavers count from the moment at which they were due to the 2xx of the service provider; on demand from the request to its result at the admin API.',
    ],
  };
}
