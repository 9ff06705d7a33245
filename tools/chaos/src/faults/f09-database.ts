import type pg from 'pg';
import { until } from '@provisor/testing';
import type { Fault, FaultContext } from './fault.js';

/** Leaves few connections to everybody together. */
const HOGGED = 200;
const TABLES = [
  'dispatch.target_objects',
  'dispatch.partitions',
  'capture.entries',
  'mapping.ledger',
  'dispatch.outbox',
];

const WAYS: readonly (readonly [string, (context: FaultContext) => Promise<void>])[] = [
  ['killed', (context) => restart(context, 'SIGKILL')],
  ['stopped at once', (context) => restart(context, 'SIGQUIT')],
  ['out of connections', outOfConnections],
  ['behind a long lock', longLock],
];

export const troubledDatabase: Fault = {
  id: 'F9',
  title: 'PostgreSQL: `kill -9`, immediate stop, connection limit hit, or a long lock',
  heals: 'restart after 0–8 s; connections or lock given back after 3–12 s',
  async inject(context) {
    const [name, way] = context.random.pick(WAYS);
    await way(context);
    context.say(`database ${name}`);
  },
};

async function restart(context: FaultContext, signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
  const { database } = context.world;
  await database.end(signal);
  await context.wait(0, 8_000);
  await database.start();
}

/** Takes every connection that is left, and those of the services are ended, so that they have to ask for new ones. */
async function outOfConnections(context: FaultContext): Promise<void> {
  const hogged: pg.Client[] = [];
  try {
    for (let taken = 0; taken < HOGGED; taken += 1) {
      const client = await context.world.view.connect().catch(() => undefined);
      if (client === undefined) break;
      hogged.push(client);
    }
    await hogged[0]?.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name like $1',
      ['provisor%'],
    );
    await context.wait(3_000, 12_000);
  } finally {
    await Promise.all(hogged.map((client) => client.end().catch(() => undefined)));
  }
}

async function longLock(context: FaultContext): Promise<void> {
  const { world, random } = context;
  const client = await world.view.connect();
  try {
    await client.query('begin');
    const lock = (): Promise<boolean> =>
      client.query(`lock table ${random.pick(TABLES)} in access exclusive mode`).then(() => true);
    await until('the table is locked', lock, { withinMs: 20_000 });
    await context.wait(3_000, 12_000);
  } finally {
    await client.end().catch(() => undefined);
  }
}
