import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@provisor/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaAnswers } from './kafka-probe.js';
import { startKafka } from './start-kafka.js';

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'provisor-kafka-'))));
afterAll(() => rmSync(dir, { recursive: true }));

const clusterId = (): string | undefined =>
  /^cluster\.id=(.*)$/m.exec(readFileSync(join(dir, 'data', 'meta.properties'), 'utf8'))?.[1];

test('starts, stops, and goes on with its data, on another port', async () => {
  const first = await startKafka({ dir, log: silentLogger });
  expect(await kafkaAnswers(first.port)).toBe(true);
  const id = clusterId();
  await first.stop();
  expect(await kafkaAnswers(first.port)).toBe(false);

  const second = await startKafka({ dir, log: silentLogger });
  expect(await kafkaAnswers(second.port)).toBe(true);
  expect(clusterId()).toBe(id);
  await expect(startKafka({ dir: join(dir, 'other'), port: second.port, log: silentLogger })).rejects.toThrow(
    `Port ${second.port} on 127.0.0.1, wanted for Kafka, is in use.`,
  );
  await second.stop();
});
