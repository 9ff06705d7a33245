import { rejectedHoldRecord } from '@provisor/dispatcher';
import type { Fault, Operation } from '../plan/plan.js';
import { userId } from './organisation.js';
import type { World } from './world.js';

/** Lets an operation happen now. */
export function operate(world: World, operation: Operation): void {
  world.trace(`operation ${JSON.stringify(operation)}`);
  if (operation.kind === 'provision-now') {
    for (const name of world.targets.keys()) {
      world.tryAgain(name, world.control.provisionNow(name, userId(operation.user), world.time.now));
      world.notify(name);
    }
    return;
  }
  if ('connection' in operation && isControl(operation)) {
    ask(world, operation.kind, world.nameOf(operation.connection));
    return;
  }
  world.organisation.apply(operation);
  world.map();
}

type Control = Extract<Operation, { kind: 'configure' | 'approve' | 'reject' | 'retry' | 'pause' | 'resume' }>;
const CONTROLS = new Set<string>(['configure', 'approve', 'reject', 'retry', 'pause', 'resume']);
const isControl = (operation: Operation): operation is Control => CONTROLS.has(operation.kind);

/** What an operator asks for. */
export function ask(world: World, kind: Control['kind'], name: string): void {
  const { control, time } = world;
  switch (kind) {
    case 'configure':
      world.configure(name);
      return;
    case 'approve':
      for (const objectId of control.approve(name, time.now)) world.approved.add(`${name}\n${objectId}`);
      break;
    case 'reject':
      control.reject(name, time.now, (object) => rejectedHoldRecord(object, time.now));
      break;
    case 'retry':
      world.tryAgain(name, control.retry(name, time.now));
      break;
    case 'pause':
    case 'resume':
      control.pause(name, kind === 'pause');
  }
  world.notify(name);
}

type Timed = Extract<Fault, { at: number }>;

/** Faults that happen at an instant; the others wait for their call. */
export const isTimed = (fault: Fault): fault is Timed => 'at' in fault;

/** Lets a fault happen now. */
export function strike(world: World, fault: Timed): void {
  world.inject(fault.kind);
  world.trace(`fault ${JSON.stringify(fault)}`);
  const { time, weather } = world;
  switch (fault.kind) {
    case 'outage':
    case 'throttle':
    case 'unauthorised': {
      const of = { outage: weather.down, throttle: weather.throttled, unauthorised: weather.unauthorised }[fault.kind];
      of.set(world.nameOf(fault.connection), time.now + fault.ms);
      return;
    }
    case 'kill':
    case 'stop':
    case 'freeze':
    case 'clock-jump':
      strikeProcess(world, fault);
      return;
    case 'rebalance':
      world.group.rebalance();
      return;
    case 'mapping-crash':
      world.map(true);
      return;
    case 'rewind':
      for (const partition of world.topic.partitions) world.topic.rewind(partition, fault.back);
      return;
    case 'duplicate':
      repeat(world, fault.back);
      return;
    case 'vanish':
      vanish(world, world.nameOf(fault.connection), userId(fault.user));
  }
}

function strikeProcess(world: World, fault: Extract<Timed, { process: number }>): void {
  const alive = world.alive();
  const process = alive[fault.process % Math.max(1, alive.length)];
  if (process === undefined) return;
  if (fault.kind === 'kill') world.kill(process);
  if (fault.kind === 'stop') world.stop(process);
  if (fault.kind === 'freeze') world.freeze(process, fault.ms);
  if (fault.kind === 'clock-jump') process.jump(fault.ms);
}

/** A producer that did not hear that a record was taken sends it again. */
function repeat(world: World, back: number): void {
  for (const partition of world.topic.partitions) {
    const records = world.topic.records(partition);
    const record = records[records.length - back];
    if (record !== undefined) world.topic.append(partition, record);
  }
}

/** Somebody deletes an account at the service provider. */
function vanish(world: World, connection: string, objectId: string): void {
  const target = world.targets.get(connection);
  const account = [...(target?.accounts.values() ?? [])].find((one) => one.attributes['externalId'] === objectId);
  if (account === undefined) return;
  target?.vanish(account.id);
  world.vanished.push({ connection, objectId, at: world.time.now });
}
