import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeRecord,
  provisioningConfig,
  provisioningControl,
  provisioningResults,
  type ConfigurationRecord,
  type ControlCommand,
  type ProvisioningResult,
} from '@provisor/contracts';
import { startService, systemClock, type StartedService } from '@provisor/host';
import { KafkaClient, type OutgoingRecord, type ReceivedRecord } from '@provisor/kafka';
import { silentLogger, startTelemetry } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import { afterAll, beforeAll } from 'vitest';
import { adminApiService } from './admin-api.service.js';
import { eventually, type Answer, type Body } from './examples.fixture.js';

export const KEY = randomBytes(32);
export const TOKEN = randomBytes(32).toString('base64url');
export const prefix = `admin-${randomBytes(4).toString('hex')}.`;

export let database: TestDatabase;
export let service: StartedService;
export let kafka: KafkaClient;
let dispatcher: Server;
export let directory: string;
export const configuration: ReceivedRecord<ConfigurationRecord>[] = [];
export const control: ReceivedRecord<ControlCommand>[] = [];
/** What the dispatcher's internal endpoints answer, by path. */
export const dispatcherAnswers = new Map<string, unknown>();

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'provisor-admin-'));
  dispatcher = createServer((request, response) => {
    const body =
      request.headers.authorization === 'Bearer inside' ? dispatcherAnswers.get(request.url ?? '') : undefined;
    response
      .writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => dispatcher.listen(0, '127.0.0.1', resolve));
  service = await start({});
  kafka = new KafkaClient(
    { brokers: [broker()], clientId: 'test', topicPrefix: prefix },
    { log: silentLogger, clock: systemClock },
  );
  const collect =
    <T>(into: ReceivedRecord<T>[]) =>
    async (batch: readonly ReceivedRecord<T>[]) =>
      void into.push(...batch);
  const consumer = kafka.batchConsumer({
    groupId: 'observer',
    stage: 'test',
    subscriptions: [
      { contract: provisioningConfig as never, mode: 'batch', handle: collect(configuration) },
      { contract: provisioningControl as never, mode: 'batch', handle: collect(control) },
    ],
  });
  await consumer.start();
  stopObserver = () => consumer.stop();
});
let stopObserver: () => Promise<void> = async () => undefined;

afterAll(async () => {
  await stopObserver();
  await service?.stop();
  await kafka?.close();
  dispatcher?.close();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

const broker = () => process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092';

export function start(env: Record<string, string>): Promise<StartedService> {
  return startService(adminApiService, {
    env: {
      KAFKA_BROKERS: broker(),
      TOPIC_PREFIX: prefix,
      DATABASE_URL: database.url,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      PROVISOR_KEY: KEY.toString('base64url'),
      ADMIN_TOKEN: TOKEN,
      ADMIN_TOKEN_FILE: join(directory, 'admin-token'),
      INTERNAL_TOKEN: 'inside',
      DISPATCHER_URLS: `http://127.0.0.1:${(dispatcher.address() as AddressInfo).port}`,
      ...env,
    },
    log: silentLogger,
    telemetry: startTelemetry({ service: 'admin-api-test', version: '0' }),
    onFailed: (error) => {
      throw error;
    },
  });
}

export async function ask(
  method: string,
  path: string,
  o: { body?: unknown; headers?: Record<string, string>; raw?: string } = {},
): Promise<Answer> {
  const payload = o.raw ?? (o.body === undefined ? undefined : JSON.stringify(o.body));
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...o.headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
}

export async function publish(results: readonly ProvisioningResult[]): Promise<void> {
  const producer = await kafka.producer();
  const meta = (id: string) => ({ id, source: '/test', time: new Date() });
  await producer.send(
    results.map((value): OutgoingRecord => ({
      topic: provisioningResults.name,
      ...encodeRecord(provisioningResults, value, meta(value.id)),
    })),
  );
}

export const stored = (id: string) =>
  eventually(async () => {
    const { body } = await ask('GET', '/v1/results?limit=1000');
    return body.results.find((item) => item.id === id);
  }, `result ${id} in the history`);
