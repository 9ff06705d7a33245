import { randomBytes } from 'node:crypto';
import {
  encodeRecord,
  provisioningCommands,
  provisioningConfig,
  provisioningControl,
  provisioningDeadLetters,
  type ConfigurationRecord,
  type ProvisioningCommand,
} from '@provisor/contracts';
import { startService, systemClock, type StartedService } from '@provisor/host';
import { KafkaClient, PoisonRecordError, type ReceivedRecord } from '@provisor/kafka';
import { silentLogger, startTelemetry } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adminApiService } from '../admin-api.service.js';
import { connection, eventually, store } from '../examples.fixture.js';

const TOKEN = randomBytes(32).toString('base64url');
const prefix = `letters-${randomBytes(4).toString('hex')}.`;
const brokers = process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092';
const commands = provisioningCommands('scim');

let database: TestDatabase;
let service: StartedService;
let kafka: KafkaClient;
let stopConsumer: () => Promise<void> = async () => undefined;
/** While true the consumer cannot process what is labelled `poison`. */
let broken = true;
const effects: ReceivedRecord<ProvisioningCommand>[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService(adminApiService, {
    env: {
      KAFKA_BROKERS: brokers,
      TOPIC_PREFIX: prefix,
      DATABASE_URL: database.url,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      PROVISOR_KEY: randomBytes(32).toString('base64url'),
      ADMIN_TOKEN: TOKEN,
    },
    log: silentLogger,
    telemetry: startTelemetry({ service: 'dead-letters-test', version: '0' }),
    onFailed: (error) => {
      throw error;
    },
  });
  kafka = new KafkaClient(
    { brokers: [brokers], clientId: 'test', topicPrefix: prefix },
    { log: silentLogger, clock: systemClock },
  );
  await kafka.admin().ensureTopics([commands]);
  const consumer = kafka.batchConsumer({
    groupId: 'stage',
    stage: 'dispatch',
    subscriptions: [{ contract: commands as never, mode: 'batch', handle: work }],
  });
  await consumer.start();
  stopConsumer = () => consumer.stop();
});

afterAll(async () => {
  await stopConsumer();
  await service?.stop();
  await kafka?.close();
  await database?.drop();
});

beforeEach(() => {
  broken = true;
});

async function work(batch: readonly ReceivedRecord<ProvisioningCommand>[]): Promise<void> {
  const poison = batch.find(({ value }) => broken && value?.label === 'poison');
  if (poison !== undefined) throw new PoisonRecordError(poison, 'test.broken', 'The stage is broken.');
  effects.push(...batch);
}

const command = (
  spConnection: string,
  objectId: string,
  o: Partial<ProvisioningCommand> = {},
): ProvisioningCommand => ({
  spConnection,
  channel: 'staff',
  objectId,
  dataStore: 'corp-ldap',
  objectType: 'user',
  version: { sequence: 1, config: 1 },
  desired: { presence: 'active', attributes: { userName: objectId } },
  reason: 'attribute-changed',
  lane: 'delta',
  label: 'poison',
  occurredAt: new Date().toISOString(),
  mappedAt: new Date().toISOString(),
  ...o,
});

async function send(...all: readonly ProvisioningCommand[]): Promise<void> {
  const producer = await kafka.producer();
  const meta = (id: string) => ({ id, source: '/test', time: new Date() });
  await producer.send(
    all.map((value) => ({ topic: commands.name, ...encodeRecord(commands, value, meta(value.objectId)) })),
  );
}

async function control(o: { action: 'replay'; deadLetterId: string }): Promise<void> {
  const value = {
    id: randomBytes(8).toString('hex'),
    requestedBy: 'grace',
    requestedAt: new Date().toISOString(),
    ...o,
  };
  const producer = await kafka.producer();
  await producer.send([
    {
      topic: provisioningControl.name,
      ...encodeRecord(provisioningControl, value, { id: value.id, source: '/test', time: new Date() }),
    },
  ]);
}

interface Letter {
  readonly id: string;
  readonly replayedAt?: string;
  readonly replayOf?: string;
  readonly failedAgainAs?: string;
  readonly explanation: readonly string[];
  readonly origin: { readonly headers: Readonly<Record<string, string>> };
}
interface Report {
  readonly replayed: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  readonly more: boolean;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'x-provisor-actor': 'ada',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const list = async (query: string) =>
  (await ask<{ deadLetters: Letter[] }>('GET', `/v1/dead-letters?${query}`)).body.deadLetters;
const letters = (query: string, count: number) =>
  eventually(async () => {
    const found = await list(query);
    return found.length === count ? found : undefined;
  }, `${count} dead letters of ${query}`);
const show = async (id: string) => (await ask<Letter>('GET', `/v1/dead-letters/${encodeURIComponent(id)}`)).body;
const replay = (id: string, body?: unknown) =>
  ask<Report>('POST', `/v1/dead-letters/${encodeURIComponent(id)}/replay`, body);
const effectsOf = (objectId: string) => effects.filter(({ value }) => value?.objectId === objectId);

describe('replay of dead letters', () => {
  it('brings a record that was poison to its effect exactly once, however often and by how many it is replayed', async () => {
    await send(command('once-sp', 'o-1'), command('once-sp', 'o-2', { label: 'good' }));
    const [letter] = await letters('spConnection=once-sp', 1);
    if (letter === undefined) throw new Error('There is no letter.');
    expect((await show(letter.id)).explanation.join(' ')).toContain('can be replayed');

    const dry = await replay(letter.id, { dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, replayed: [letter.id], skipped: [] });
    expect(await list('spConnection=once-sp&state=open')).toHaveLength(1);

    broken = false;
    const answers = await Promise.all([replay(letter.id), replay(letter.id), replay(letter.id)]);
    expect(answers.flatMap(({ body }) => body.replayed)).toEqual([letter.id]);
    expect((await replay(letter.id)).body.skipped).toMatchObject([{ id: letter.id }]);

    await eventually(() => effectsOf('o-1')[0], 'the effect of the replayed record');
    // A later record of the same key comes after everything that was published before it.
    await send(command('once-sp', 'o-3', { label: 'good' }));
    await eventually(() => effectsOf('o-3')[0], 'the effect of a later record');
    expect(effectsOf('o-1')).toHaveLength(1);
    expect(effectsOf('o-1')[0]).toMatchObject({
      key: 'once-sp',
      eventId: 'o-1',
      headers: { 'provisor-replay-of': letter.id },
    });
    expect(await list('spConnection=once-sp&state=open')).toEqual([]);
    expect(await list('spConnection=once-sp&state=replayed')).toMatchObject([
      { id: letter.id, replayedBy: 'ada (admin token)', replayedAt: expect.any(String) as string },
    ]);
    const audit = await ask<{ entries: unknown[] }>(
      'GET',
      `/v1/audit?subject=DeadLetter/${encodeURIComponent(letter.id)}`,
    );
    expect(audit.body.entries).toMatchObject([{ action: 'dead-letter.replayed', actor: 'ada (admin token)' }]);
  });

  it('is also asked for on the control topic, where a letter that does not exist becomes one', async () => {
    await send(command('asked-sp', 'o-1'));
    const [letter] = await letters('spConnection=asked-sp', 1);
    broken = false;
    await control({ action: 'replay', deadLetterId: letter?.id ?? '' });
    await eventually(() => effectsOf('o-1').find(({ key }) => key === 'asked-sp'), 'the effect');
    expect(await list('spConnection=asked-sp&state=replayed')).toMatchObject([
      { replayedBy: `grace (${provisioningControl.name})` },
    ]);
    await control({ action: 'replay', deadLetterId: 'nowhere/0/0' });
    await letters(`topic=${provisioningControl.name}&code=dead-letter.unknown`, 1);
  });

  it('gives a record that fails again a letter of its own, and links the two', async () => {
    await send(command('again-sp', 'o-1'));
    const [first] = await letters('spConnection=again-sp', 1);
    await replay(first?.id ?? '');
    const [second] = await letters('spConnection=again-sp&state=open', 1);
    expect(second).toMatchObject({ replayOf: first?.id });
    expect(await show(first?.id ?? '')).toMatchObject({ failedAgainAs: second?.id });
    expect((await replay(first?.id ?? '')).body.skipped[0]?.reason).toContain(second?.id);

    broken = false;
    expect((await replay(second?.id ?? '')).body.replayed).toEqual([second?.id]);
    await eventually(() => effectsOf('o-1').find(({ key }) => key === 'again-sp'), 'the effect');
  });

  it('replays what fits a query, oldest first and in bounded steps, and nothing without one', async () => {
    const since = new Date().toISOString();
    await send(...['a', 'b', 'c'].map((id) => command('query-sp', `q-${id}`)), command('other-sp', 'q-x'));
    await letters('spConnection=query-sp', 3);
    await letters('spConnection=other-sp', 1);
    broken = false;
    expect((await ask('POST', '/v1/dead-letter-replays', {})).status).toBe(422);
    const query = { spConnection: 'query-sp', code: 'test.broken', topic: commands.name, since };
    const dry = await ask<Report>('POST', '/v1/dead-letter-replays', { ...query, dryRun: true });
    expect(dry.body.replayed).toHaveLength(3);
    const step = await ask<Report>('POST', '/v1/dead-letter-replays', { ...query, limit: 2 });
    expect(step.body).toMatchObject({ more: true });
    const rest = await ask<Report>('POST', '/v1/dead-letter-replays', { ...query, limit: 2 });
    expect(rest.body).toMatchObject({ more: false });
    await eventually(() => effectsOf('q-c')[0], 'the effect of the last one');
    const order = effects.flatMap(({ value }) => (value?.spConnection === 'query-sp' ? [value.objectId] : []));
    expect(order).toEqual(['q-a', 'q-b', 'q-c']);
    expect(await list('spConnection=other-sp&state=open')).toHaveLength(1);
  });

  it('replays in the order in which records failed, in whatever order their letters arrive', async () => {
    const code = 'test.order';
    const letter = (offset: number, second: number) => ({
      ...letterAt({
        ...{ topic: commands.name, partition: 0, offset: BigInt(offset), key: 'k', value: null },
        ...{ headers: {}, timestamp: 0 },
      }),
      cause: { code, message: 'The stage is broken.' },
      failedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
    });
    // The last two failed at once.
    const [first, second, third] = [letter(7, 1), letter(9, 2), letter(10, 2)];
    for (const [index, one] of [third, second, first].entries()) {
      await bury(one);
      await letters(`code=${code}`, index + 1);
    }
    const report = await ask<Report>('POST', '/v1/dead-letter-replays', { code, dryRun: true });
    expect(report.body.replayed).toEqual([first.id, second.id, third.id]);
  });

  it('never puts an older record behind a newer one on a topic that is a snapshot', async () => {
    const documents = [store('snap-ldap'), connection('snap-sp', 'snap-ldap')];
    expect((await ask('PUT', '/v1/documents', { documents })).status).toBe(200);
    const seen: ReceivedRecord<ConfigurationRecord>[] = [];
    await eventually(async () => {
      await kafka.readToEnd({ contract: provisioningConfig, handle: async (batch) => void seen.push(...batch) });
      return seen.find(({ key }) => key === 'SpConnection/snap-sp');
    }, 'the document on its topic');
    const newest = seen.find(({ key }) => key === 'SpConnection/snap-sp');
    if (newest === undefined) throw new Error('The document is not on its topic.');
    const at = (offset: bigint) => letterAt({ ...newest, offset });
    await bury(at(newest.offset - 1n), at(newest.offset));
    await letters(`topic=${provisioningConfig.name}`, 2);
    const report = await ask<Report>('POST', '/v1/dead-letter-replays', {
      topic: provisioningConfig.name,
      dryRun: true,
    });
    expect(report.body.replayed).toEqual([at(newest.offset).id]);
    expect(report.body.skipped).toMatchObject([{ id: at(newest.offset - 1n).id }]);
  });
});

const letterAt = ({ topic, partition, offset, key }: ReceivedRecord<unknown>) => ({
  id: `${topic}/${partition}/${offset}`,
  stage: 'mapping',
  cause: { code: 'test.broken', message: 'The stage is broken.' },
  origin: {
    topic,
    partition,
    offset: offset.toString(),
    timestamp: new Date().toISOString(),
    key,
    headers: {},
  },
  value: Buffer.from('{}').toString('base64'),
  valueBytes: 2,
  failedAt: new Date().toISOString(),
});

async function bury(...all: readonly ReturnType<typeof letterAt>[]): Promise<void> {
  const producer = await kafka.producer();
  await producer.send(
    all.map((letter) => ({
      topic: provisioningDeadLetters.name,
      ...encodeRecord(provisioningDeadLetters, letter, { id: letter.id, source: '/test', time: new Date() }),
    })),
  );
}
