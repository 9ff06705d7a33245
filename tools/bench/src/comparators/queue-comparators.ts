import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startChild, type ManagedChild } from '@provisor/embedded';
import { createTestDatabase } from '@provisor/testing';
import { runMigrations } from 'graphile-worker';
import kafkajs from 'kafkajs';
import { forgetTopics } from '../rig/forget-topics.js';
import { ownProgram } from '../rig/own-program.js';
import { queryOnce } from '../rig/query.js';
import type { Rig } from '../rig/rig.js';
import { steadyRate } from '../workload/marked-changes.js';
import type { GraphileSettings } from './graphile-main.js';
import type { NestSettings } from './nest-main.js';

export interface QueueComparison {
  readonly rig: Rig;
  readonly users: readonly string[];
  readonly updates: readonly { readonly user: string; readonly number: number }[];
  readonly latencyMs: number;
  /** How long the comparator works, from its first request. */
  readonly seconds: number;
  /** Tenant of its own at the service provider. */
  readonly tenant: string;
}

const BATCH = 500;
const FIRST_REQUEST_MS = 60_000;

/** Requests per second of Nest's own Kafka transport with the same updates, keyed by user on 12 partitions. */
export async function measureNestTransport(o: QueueComparison & { readonly partitions: number }): Promise<number> {
  const ids = await accounts(o);
  const prefix = `nest-${randomBytes(4).toString('hex')}.`;
  const topic = `${prefix}updates`;
  const kafka = new kafkajs.Kafka({ brokers: o.rig.brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 12 }] });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = o.updates.map(({ user, number }) => ({
    key: user,
    value: JSON.stringify({ id: ids.get(user) ?? '', number }),
  }));
  for (let from = 0; from < messages.length; from += BATCH)
    await producer.send({ topic, messages: messages.slice(from, from + BATCH) });
  await producer.disconnect();
  const settings: NestSettings = {
    ...{ brokers: o.rig.brokers, topic, groupId: `${prefix}group`, partitions: o.partitions },
    scim: { baseUrl: o.rig.target.baseUrl(o.tenant), token: o.rig.target.token },
  };
  try {
    return await rateOf(o, 'comparators/nest-main', { BENCH_NEST: JSON.stringify(settings) });
  } finally {
    await forgetTopics(o.rig.brokers.join(','), prefix).catch(() => undefined);
  }
}

/** Requests per second of graphile-worker with the same updates as jobs, in a serial queue for each user. */
export async function measureGraphileWorker(o: QueueComparison & { readonly inFlight: number }): Promise<number> {
  const ids = await accounts(o);
  const database = await createTestDatabase();
  try {
    await runMigrations({ connectionString: database.url });
    for (let from = 0; from < o.updates.length; from += BATCH) {
      const specs = o.updates.slice(from, from + BATCH).map(({ user, number }) => ({
        identifier: 'update',
        payload: { id: ids.get(user) ?? '', number },
        queue_name: user,
      }));
      await queryOnce(
        database.url,
        `select count(*) from graphile_worker.add_jobs(
           array(select spec from json_populate_recordset(null::graphile_worker.job_spec, $1::json) spec))`,
        [JSON.stringify(specs)],
      );
    }
    const settings: GraphileSettings = {
      ...{ databaseUrl: database.url, inFlight: o.inFlight },
      scim: { baseUrl: o.rig.target.baseUrl(o.tenant), token: o.rig.target.token },
    };
    return await rateOf(o, 'comparators/graphile-main', { BENCH_GRAPHILE: JSON.stringify(settings) });
  } finally {
    await database.drop();
  }
}

/** Accounts of all users in the comparator's tenant: user to id. */
async function accounts({ rig, users, tenant, latencyMs }: QueueComparison): Promise<Map<string, string>> {
  const ids = await rig.target.prefill(tenant, users);
  await rig.target.configure(tenant, { serviceTimeMs: latencyMs });
  return new Map(users.map((user, index) => [user, ids[index] ?? '']));
}

async function rateOf(o: QueueComparison, program: string, env: NodeJS.ProcessEnv): Promise<number> {
  const { rig, tenant, seconds } = o;
  const child = await startChild({
    name: program,
    command: process.execPath,
    args: ['--no-warnings', ownProgram(program)],
    dir: join(rig.dir, tenant),
    logFile: join(rig.dir, `${tenant}.log`),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    graceMs: 5_000,
  });
  try {
    await firstRequest(rig, tenant, child);
    await pause(seconds * 1000);
    return steadyRate((await rig.target.ledger(tenant)).filter(({ answeredAt }) => answeredAt > 0));
  } finally {
    await child.stop();
  }
}

async function firstRequest(rig: Rig, tenant: string, child: ManagedChild): Promise<void> {
  const begun = async (): Promise<boolean> => !child.running() || (await rig.target.progress(tenant)).requests > 0;
  await rig.until(`${tenant} sends its first request`, begun, FIRST_REQUEST_MS, 50);
  if (!child.running()) throw new Error(`${tenant} ended: ${child.tail()}`);
}
