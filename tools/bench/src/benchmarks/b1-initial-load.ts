import { BASE_DN } from '@provisor/demo';
import { runProgram } from '../comparators/run-program.js';
import type { ScriptSettings } from '../comparators/script-main.js';
import { Profile } from '../profile/profile.js';
import { ConsumptionWatch, type Consumption } from '../rig/consumption.js';
import { Rig } from '../rig/rig.js';
import { median } from '../statistics/repetitions.js';
import type { Benchmark, BenchContext, Form, Outcome } from '../suite/benchmark.js';
import { atLeast, atMost, figure } from '../suite/measured.js';
import { spConnectionDocument } from '../workload/documents.js';
import { people, type BenchPerson } from '../workload/people.js';

const SIZES: Readonly<Record<Form, { readonly users: number; readonly pairs: number }>> = {
  smoke: { users: 60, pairs: 1 },
  quick: { users: 10_000, pairs: 3 },
  full: { users: 100_000, pairs: 3 },
};
const IN_FLIGHT = 64;
const SERVICE_TIME_MS = 1;
const SP_CONNECTION = 'provisor';

interface Pair {
  /** Users per second. */
  readonly script: number;
  readonly ours: number;
  readonly requestsPerUser: number;
  /** Of them, searches for an account. */
  readonly lookups: number;
  /** Of them, those answered 4xx or 5xx. */
  readonly refused: number;
  readonly consumption: Consumption;
  readonly violations: readonly string[];
}

/** Everybody of a directory gets an account: ours and the script take turns at the same directory and the same service provider. */
export const b1InitialLoad: Benchmark = {
  id: 'B1',
  title: 'Initial load',
  goal: '≥ 2500 users/s and ≥ 0.12 of the rate of an 80-line script, at ≤ 1.01 requests per user',
  async run(context) {
    const { users } = SIZES[context.form];
    // A profiled run is for looking at, not for comparing.
    const pairs = context.profile ? 1 : SIZES[context.form].pairs;
    const everybody = people(users, context.seed);
    const measured: Pair[] = [];
    for (let pair = 1; pair <= pairs; pair += 1)
      measured.push(
        await context.screen.step(`B1 pair ${pair} of ${pairs}: ${users} users`, () =>
          measurePair(context, everybody, pair === pairs),
        ),
      );
    return outcome(measured, { users, pairs });
  },
};

async function measurePair(context: BenchContext, everybody: readonly BenchPerson[], last: boolean): Promise<Pair> {
  const profile = last ? Profile.of('B1', context) : undefined;
  const rig = await Rig.open({
    infrastructure: context.infrastructure,
    name: 'b1',
    people: everybody,
    target: { serviceTimeMs: SERVICE_TIME_MS },
    profileDir: profile?.dir,
  });
  try {
    const script = await runScript(rig, everybody.length);
    await profile?.begin(rig);
    const watch = new ConsumptionWatch(rig.processes);
    const began = Date.now();
    await rig.apply(
      rig.dataStore,
      spConnectionDocument({
        name: SP_CONNECTION,
        baseUrl: rig.target.baseUrl(SP_CONNECTION),
        concurrency: IN_FLIGHT,
      }),
    );
    await rig.until(
      'everybody has an account',
      async () => {
        const { users } = await rig.target.progress(SP_CONNECTION);
        context.screen.progress(`${users} of ${everybody.length} accounts`);
        return users >= everybody.length;
      },
      Math.max(60_000, everybody.length * 20),
    );
    const consumption = watch.end();
    await profile?.end(rig, everybody.length);
    const ledger = await rig.target.ledger(SP_CONNECTION);
    const created = ledger.filter(({ effect }) => effect === 'created');
    const lastCreated = created.reduce((latest, { answeredAt }) => Math.max(latest, answeredAt), 0);
    const requests = ledger.filter(({ answeredAt }) => answeredAt <= lastCreated);
    return {
      script,
      ours: (everybody.length / (lastCreated - began)) * 1000,
      requestsPerUser: requests.length / everybody.length,
      lookups: requests.filter(({ method, path }) => method === 'GET' && path.includes('filter=')).length,
      refused: requests.filter(({ status }) => status >= 400).length,
      consumption,
      violations: violationsOf(everybody, new Map(Object.entries(countBy(created.map(({ key }) => key))))),
    };
  } finally {
    await rig.close();
    await profile?.write();
  }
}

async function runScript(rig: Rig, users: number): Promise<number> {
  const { url, bindDn, password } = rig.directory;
  const settings: ScriptSettings = {
    ldap: { url, bindDn, password, baseDn: BASE_DN },
    scim: { baseUrl: rig.target.baseUrl('script'), token: rig.target.token },
    inFlight: IN_FLIGHT,
  };
  const { created, seconds } = await runProgram<{ created: number; seconds: number }>(
    'comparators/script-main',
    'BENCH_SCRIPT',
    settings,
    600_000,
  );
  if (created !== users) throw new Error(`The script made ${created} of ${users} accounts.`);
  return users / seconds;
}

const countBy = (keys: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, { length }]) => [key, length]));

function violationsOf(everybody: readonly BenchPerson[], creates: ReadonlyMap<string, number>): string[] {
  return everybody.flatMap(({ objectId, dn }) => {
    const times = creates.get(objectId) ?? 0;
    return times === 1 ? [] : [`${dn} has ${times} accounts`];
  });
}

function outcome(pairs: readonly Pair[], sizes: { users: number; pairs: number }): Outcome {
  const ratios = pairs.map(({ ours, script }) => ours / script);
  const ours = pairs.map((pair) => pair.ours);
  const perUser = pairs.map(({ requestsPerUser }) => requestsPerUser);
  const thousands = sizes.users / 1000;
  const names = Object.keys(pairs[0]?.consumption.cpu ?? {});
  return {
    settings: { ...sizes, inFlight: IN_FLIGHT, serviceTimeMs: SERVICE_TIME_MS, mappedAttributes: 20 },
    figures: [
      figure('Provisor', 'users/s', ...ours),
      figure('script, no state', 'users/s', ...pairs.map(({ script }) => script)),
      figure('Provisor / script', '', ...ratios),
      figure('requests per user', '', ...perUser),
      figure('of them searches for an account', '', ...pairs.map(({ lookups }) => lookups / sizes.users)),
      figure('of them refused', '', ...pairs.map(({ refused }) => refused / sizes.users)),
      ...names.map((name) =>
        figure(
          `CPU of ${name} per 1000 users`,
          's',
          ...pairs.map(({ consumption }) => (consumption.cpu[name] ?? 0) / thousands),
        ),
      ),
      ...names.map((name) =>
        figure(`peak memory of ${name}`, 'MiB', ...pairs.map(({ consumption }) => consumption.peakMib[name] ?? 0)),
      ),
    ],
    goals: [
      atLeast('rate', 2500, median(ours), 'users/s'),
      atLeast('rate / rate of the script', 0.12, median(ratios)),
      atMost('requests per user', 1.01, median(perUser)),
    ],
    violations: pairs.flatMap(({ violations }) => violations),
    notes: [
      'From the activation of data store and SP connection together, with an empty Provisor, to the last 201; the script from its connection to the directory to its last answer.',
      'The script keeps no state and knows neither order nor retry nor updates.',
    ],
  };
}
