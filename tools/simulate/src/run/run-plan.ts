import { LANES } from '@provisor/contracts';
import { NEVER } from '@provisor/persistence';
import { check } from '../check/check.js';
import type { FaultKind, Plan } from '../plan/plan.js';
import { EPOCH } from '../time/virtual-time.js';
import { ask, isTimed, operate, strike } from '../world/events.js';
import { World, type Violation } from '../world/world.js';

export interface RunReport {
  readonly seed: number;
  readonly operations: number;
  readonly requests: number;
  readonly writes: number;
  readonly redundantWrites: number;
  readonly results: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly injected: ReadonlyMap<FaultKind, number>;
  readonly violations: readonly Violation[];
}

/** When everything heals, unless the last operation or fault is later. */
const HEAL_MS = 26_000;
/** Without faults everything must come to rest within this time: clocks may be wrong by 20 minutes. */
const REST_MS = 45 * 60_000;
const LOOK_MS = 250;
/** An operator tries what has failed so often again before it counts as lost. */
const OPERATOR_ROUNDS = 4;

/** Lets one plan happen and checks what came of it. `trace` hears what dispatchers log. */
export async function runPlan(plan: Plan, trace?: (line: string) => void): Promise<RunReport> {
  const world = new World(plan, trace);
  const { time } = world;
  world.plantForeignAccounts();
  for (let process = 0; process < plan.setup.processes; process += 1) world.spawn();
  for (const operation of plan.operations) time.after(operation.at, () => operate(world, operation));
  for (const fault of plan.faults) if (isTimed(fault)) time.after(fault.at, () => strike(world, fault));
  await time.run(() => time.now >= EPOCH + HEAL_MS, EPOCH + HEAL_MS);
  await heal(world);
  await settleDown(world);
  const writes = world.ledger.filter((entry) => entry.effect !== 'none');
  check(world);
  for (const process of world.processes) process.kill();
  return {
    seed: plan.seed,
    operations: plan.operations.length,
    requests: world.ledger.length,
    writes: writes.length,
    redundantWrites: writes.filter((entry) => entry.effect === 'unchanged').length,
    results: world.tables.outbox.length,
    virtualMs: time.now - EPOCH,
    events: time.events,
    injected: world.injected,
    violations: world.violations,
  };
}

/** Nothing goes wrong any more; what has been lost at service providers is touched, so that it is noticed. */
async function heal(world: World): Promise<void> {
  world.healed = true;
  for (const of of Object.values(world.weather)) of.clear();
  for (const process of world.alive()) if (process.frozen) process.thaw();
  if (world.alive().length === 0) world.spawn();
  for (const name of world.targets.keys()) ask(world, 'resume', name);
  await elapse(world, 1_000);
  for (const { connection, objectId } of world.vanished) {
    world.tryAgain(connection, [objectId]);
    world.organisation.touch(Number(objectId.slice(1)));
  }
  world.map();
}

async function settleDown(world: World): Promise<void> {
  for (let round = 0; ; round += 1) {
    if (!(await comesToRest(world))) {
      world.violate('I1', `It does not come to rest: ${unfinished(world)}`);
      return;
    }
    if (!anythingFailed(world) || round === OPERATOR_ROUNDS) return;
    for (const name of world.targets.keys()) ask(world, 'retry', name);
    await elapse(world, LOOK_MS);
  }
}

async function elapse(world: World, ms: number): Promise<void> {
  const until = world.time.now + ms;
  let over = false;
  world.time.after(ms, () => (over = true));
  await world.time.run(() => over, until);
}

/** Quiet at two looks in a row. */
async function comesToRest(world: World): Promise<boolean> {
  const until = world.time.now + REST_MS;
  for (let quiet = 0; quiet < 2; quiet = unfinished(world) === '' ? quiet + 1 : 0) {
    if (world.time.now >= until) return false;
    await elapse(world, LOOK_MS);
  }
  return true;
}

/** What still has to happen, in words. */
function unfinished(world: World): string {
  const { tables, edges, topic, time } = world;
  if (!world.mapped) return 'mapping';
  if (!topic.consumed) return 'commands on the topic';
  const row = [...tables.objects.values()].find((one) => one.state === 'pending');
  if (row !== undefined)
    return `${row.spConnection} ${row.objectId} ${row.version.sequence}.${row.version.config} in lane ${LANES.indexOf(row.lane)}, due ${row.nextAttemptAt - time.now} ms from now, last ${row.lastOutcome?.code ?? 'nothing'}`;
  const edge = [...tables.edges.values()].find((one) => edges.runnable(one) !== undefined && one.nextAttemptAt < NEVER);
  if (edge !== undefined)
    return `edge ${edge.spConnection} ${edge.memberId} ${edge.kind} ${edge.otherId}, due ${edge.nextAttemptAt - time.now} ms from now, code ${edge.code ?? 'none'}`;
  const underWay = world.ledger.some(
    (entry) => entry.ended === undefined && world.processes[entry.process]?.dead === false,
  );
  return underWay ? 'a request' : '';
}

function anythingFailed({ tables, edges }: World): boolean {
  return (
    [...tables.objects.values()].some((row) => row.state === 'failed') ||
    [...tables.edges.values()].some((edge) => edges.runnable(edge) !== undefined)
  );
}
