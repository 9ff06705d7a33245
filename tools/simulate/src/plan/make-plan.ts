import { Random } from '../time/random.js';
import { groupId, userId } from '../world/organisation.js';
import type { Fault, FaultKind, Operation, Plan, Setup } from './plan.js';

/** How long the organisation changes, in milliseconds. */
const DAY_MS = 25_000;
/** A seed of so many has no fault at all: what is wasted or lost there has no excuse. */
const CALM_ONE_IN = 10;

export function makePlan(seed: number): Plan {
  const random = new Random(seed * 2_654_435_761 + 1);
  const setup = withLaterDraws(makeSetup(random), new Random(seed + 29));
  const operations = makeOperations(random, setup);
  return {
    seed,
    setup,
    operations,
    faults: random.chance(1 / CALM_ONE_IN) ? [] : makeFaults(random, setup, operations.length),
  };
}

/** Drawn apart: what was not drawn from the beginning must not change what a seed means. */
const withLaterDraws = (setup: Omit<Setup, 'keepsReferences'>, random: Random): Setup => ({
  ...setup,
  keepsReferences: random.chance(0.5),
  readDelayMs: setup.readDelayMs * random.pick([1, 6]),
});

function makeSetup(random: Random): Omit<Setup, 'keepsReferences'> {
  const unique = random.chance(0.6);
  return {
    partitions: random.between(1, 2),
    processes: random.between(1, 2),
    connections: random.between(1, 2),
    sharedScope: random.chance(0.3),
    users: random.between(4, 12),
    groups: random.between(1, 3),
    rate: random.pick([0, 0, 10, 30]),
    burst: random.pick([1, 5, 10]),
    removals: random.pick([2, 4, 100, 100]),
    remove: random.pick(['disable', 'delete']),
    unique,
    readDelayMs: unique && random.chance(0.25) ? 500 : 0,
    chunk: random.pick([1, 3, 100]),
  };
}

const OPERATIONS: Readonly<Record<Operation['kind'], number>> = {
  hire: 24,
  rename: 30,
  disable: 7,
  enable: 5,
  leave: 6,
  return: 5,
  'transfer-out': 3,
  'transfer-in': 3,
  join: 12,
  quit: 6,
  manager: 6,
  'group-create': 5,
  'group-rename': 3,
  'group-delete': 1,
  'provision-now': 2,
  configure: 1,
  approve: 1,
  reject: 0.5,
  retry: 1,
  pause: 0.5,
  resume: 1,
};

/** Which of the drawn values an operation has. */
function operationOf(
  kind: Operation['kind'],
  drawn: Record<'at' | 'user' | 'group' | 'manager' | 'connection', number>,
): Operation {
  const { at, user, group, manager, connection } = drawn;
  switch (kind) {
    case 'join':
    case 'quit':
      return { at, kind, user, group };
    case 'manager':
      return { at, kind, user, manager };
    case 'group-create':
    case 'group-rename':
    case 'group-delete':
      return { at, kind, group };
    case 'configure':
    case 'approve':
    case 'reject':
    case 'retry':
    case 'pause':
    case 'resume':
      return { at, kind, connection };
    default:
      return { at, kind, user };
  }
}

/** Much happens to one object within the time that a call takes. */
function burst(random: Random, first: Operation, one: () => Operation): Operation[] {
  if (!('user' in first) || !random.chance(0.2)) return [];
  return Array.from({ length: random.between(1, 4) }, () => {
    const next = one();
    return 'user' in next ? { ...next, user: first.user, at: first.at + random.between(10, 700) } : next;
  });
}

function makeOperations(random: Random, setup: Setup): Operation[] {
  const one = (): Operation =>
    operationOf(random.weighted(OPERATIONS), {
      at: random.between(0, DAY_MS),
      user: random.between(0, setup.users - 1),
      group: random.between(0, setup.groups - 1),
      manager: random.between(0, setup.users - 1),
      connection: random.between(0, setup.connections - 1),
    });
  const hired = Array.from({ length: setup.users }, (_, user): Operation => ({
    at: random.between(0, 3_000),
    kind: 'hire',
    user,
  }));
  const groups = Array.from({ length: setup.groups }, (_, group): Operation => ({
    at: random.between(0, 6_000),
    kind: 'group-create',
    group,
  }));
  const changes = Array.from({ length: random.between(20, 60) }, one).flatMap((first) => [
    first,
    ...burst(random, first, one),
  ]);
  return [...hired, ...groups, ...changes].sort((a, b) => a.at - b.at);
}

const FAULTS: Readonly<Record<FaultKind, number>> = {
  crash: 16,
  database: 10,
  'lost-answer': 20,
  death: 16,
  reset: 8,
  'server-error': 6,
  'server-error-after': 8,
  conflict: 4,
  refusal: 3,
  slow: 14,
  outage: 3,
  throttle: 4,
  unauthorised: 1,
  kill: 3,
  stop: 3,
  freeze: 7,
  'clock-jump': 3,
  rebalance: 6,
  'mapping-crash': 5,
  rewind: 5,
  duplicate: 8,
  vanish: 2,
};

function makeFaults(random: Random, setup: Setup, operations: number): Fault[] {
  return Array.from({ length: random.between(3, 14) }, () => makeFault(random, setup, operations));
}

function makeFault(random: Random, setup: Setup, operations: number): Fault {
  const kind = random.weighted(FAULTS);
  const at = random.between(500, DAY_MS);
  const connection = random.between(0, setup.connections - 1);
  const user = random.between(0, setup.users - 1);
  switch (kind) {
    case 'crash':
    case 'database':
      return {
        kind,
        await: random.between(1, operations * 8 * setup.connections),
        when: random.pick(['before', 'after']),
      };
    case 'outage':
    case 'throttle':
    case 'unauthorised':
      return { kind, at, ms: random.between(500, 8_000), connection };
    case 'kill':
    case 'stop':
    case 'freeze':
    case 'clock-jump':
      return processFault(random, kind, at);
    case 'rebalance':
    case 'mapping-crash':
      return { kind, at };
    case 'rewind':
    case 'duplicate':
      return { kind, at, back: random.between(1, 30) };
    case 'vanish':
      return { kind, at, connection, user };
    default:
      return { kind, connection, ...requestOf(random, setup, user) };
  }
}

function processFault(random: Random, kind: 'kill' | 'stop' | 'freeze' | 'clock-jump', at: number): Fault {
  const process = random.between(0, 3);
  if (kind === 'freeze')
    return { kind, at, process, ms: random.pick([random.between(500, 8_000), random.between(9_000, 20_000)]) };
  if (kind === 'clock-jump') return { kind, at, process, ms: random.pick([-600_000, -5_000, 5_000, 600_000]) };
  return { kind, at, process };
}

/** Which request about which object. */
function requestOf(random: Random, setup: Setup, user: number): { object: string; request: number } {
  return random.chance(0.75)
    ? { object: userId(user), request: random.between(1, 12) }
    : { object: groupId(random.between(0, setup.groups - 1)), request: random.between(1, 20) };
}
