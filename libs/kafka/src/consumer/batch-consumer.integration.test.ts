import { provisioningDeadLetters } from '@provisor/contracts';
import { until } from '@provisor/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReceivedRecord } from '../records.js';
import { outgoing, readAll, TestBroker, type Note } from '../test-broker.fixture.js';
import { PoisonRecordError } from './poison-record-error.js';
import { subscription, type Subscription } from './subscription.js';

const broker = new TestBroker();
afterAll(() => broker.close());

type Handle = Subscription<Note>['handle'];
const numbers = (records: readonly ReceivedRecord<Note>[], key: string) =>
  records.filter((record) => record.key === key).map(({ value }) => value?.n);

describe(`BatchConsumer (topics ${broker.prefix}*)`, () => {
  it('hands over batches of a partition in order and commits what is done', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'ordered', 3);
    const producer = await client.producer();
    const seen: ReceivedRecord<Note>[] = [];
    const active = new Set<number>();
    const handle: Handle = async (batch, { partition }) => {
      expect(active.has(partition)).toBe(false);
      active.add(partition);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(...batch);
      active.delete(partition);
    };
    const consumer = client.batchConsumer({
      groupId: 'ordered',
      stage: 'test',
      maxBatch: 50,
      subscriptions: [subscription({ contract, mode: 'batch', handle })],
    });
    await consumer.start();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const records = Array.from({ length: 1000 }, (_, n) => outgoing('ordered', keys[n % keys.length] ?? '', n));
    for (let at = 0; at < records.length; at += 100) await producer.send(records.slice(at, at + 100));
    await until('all records', () => seen.length >= 1000);
    for (const key of keys) {
      const got = numbers(seen, key);
      expect(got).toEqual([...got].sort((x, y) => (x ?? 0) - (y ?? 0)));
      expect(got).toHaveLength(200);
    }
    await until('commits', async () =>
      (await client.admin().lag('ordered', ['ordered'])).every(({ lag }) => lag === 0n),
    );
    expect(consumer.health()).toMatchObject({ joined: true, healthy: true, queued: 0 });
    await consumer.stop();
  });

  it('works on several keys at once in keyed mode, one batch per key, in order', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'keyed', 1);
    const producer = await client.producer();
    const seen: ReceivedRecord<Note>[] = [];
    const active = new Set<string>();
    let most = 0;
    const release = Promise.withResolvers<void>();
    const handle: Handle = async (batch) => {
      const key = batch[0]?.key ?? '';
      expect(batch.every((record) => record.key === key)).toBe(true);
      expect(active.has(key)).toBe(false);
      active.add(key);
      most = Math.max(most, active.size);
      if (key === 'slow') await release.promise;
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(...batch);
      active.delete(key);
    };
    const consumer = client.batchConsumer({
      groupId: 'keyed',
      stage: 'test',
      subscriptions: [subscription({ contract, mode: 'keyed', concurrency: 4, handle })],
    });
    await consumer.start();
    await producer.send([outgoing('keyed', 'slow', 0)]);
    await producer.send(Array.from({ length: 200 }, (_, n) => outgoing('keyed', `k${n % 10}`, n)));
    await until('the quick keys', () => seen.length === 200);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    const [lag] = await client.admin().lag('keyed', ['keyed']);
    expect(lag?.committed).toBe(0n);
    release.resolve();
    await until(
      'commit behind the slow key',
      async () => (await client.admin().lag('keyed', ['keyed']))[0]?.lag === 0n,
    );
    for (let k = 0; k < 10; k += 1)
      expect(numbers(seen, `k${k}`)).toEqual(Array.from({ length: 20 }, (_, i) => i * 10 + k));
    await consumer.stop();
  });

  it('buries poison and undecodable records with cause and origin; their neighbours go on', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'poison', 1);
    const producer = await client.producer();
    const seen: (number | undefined)[] = [];
    const handle: Handle = async (batch) => {
      const poison = batch.find(({ value }) => value?.n === 3);
      if (poison !== undefined) throw new PoisonRecordError(poison, 'test.poison', 'Three is not possible.');
      seen.push(...batch.map(({ value }) => value?.n));
    };
    const consumer = client.batchConsumer({
      groupId: 'poison',
      stage: 'test-stage',
      subscriptions: [subscription({ contract, mode: 'batch', handle })],
    });
    await producer.send([
      ...[1, 2, 3, 4].map((n) => outgoing('poison', 'k', n)),
      { topic: 'poison', key: 'k', value: '{"key":"k"', headers: { from: 'here' } },
      { topic: 'poison', key: 'k', value: '{"key":"k","n":"x"}' },
      { topic: 'poison', key: 'k', value: null },
      outgoing('poison', 'k', 5),
    ]);
    await consumer.start();
    await until('the neighbours', () => seen.includes(5));
    expect(seen).toEqual([1, 2, 4, undefined, 5]);
    await until('commit', async () => (await client.admin().lag('poison', ['poison']))[0]?.lag === 0n);
    await consumer.stop();
    const letters = (await readAll(client, provisioningDeadLetters)).map(({ value }) => value);
    const mine = letters.filter((letter) => letter?.origin.topic === 'poison');
    expect(mine.map((letter) => [letter?.id, letter?.cause.code])).toEqual(
      expect.arrayContaining([
        ['poison/0/2', 'test.poison'],
        ['poison/0/4', 'record.not-json'],
        ['poison/0/5', 'record.schema'],
      ]),
    );
    expect(mine).toHaveLength(3);
    const broken = mine.find((letter) => letter?.id === 'poison/0/4');
    expect(broken?.origin.headers).toMatchObject({ from: 'here' });
    expect(Buffer.from(broken?.value ?? '', 'base64').toString()).toBe('{"key":"k"');
  });

  it('repeats a batch whose handler failed, and says so meanwhile', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'failing', 1);
    let calls = 0;
    let broken = true;
    const handle: Handle = async () => {
      calls += 1;
      if (broken) throw new Error('the database is away');
    };
    const consumer = client.batchConsumer({
      groupId: 'failing',
      stage: 'test',
      backoff: { initialMs: 5, maxMs: 20 },
      subscriptions: [subscription({ contract, mode: 'batch', handle })],
    });
    await consumer.start();
    await (await client.producer()).send([outgoing('failing', 'k', 1)]);
    await until('repetitions', () => calls >= 3);
    expect(consumer.health().struggling).toMatchObject([{ topic: 'failing', error: 'the database is away' }]);
    expect((await client.admin().lag('failing', ['failing']))[0]?.committed).toBe(0n);
    broken = false;
    await until('success', async () => (await client.admin().lag('failing', ['failing']))[0]?.lag === 0n);
    expect(consumer.health().struggling).toEqual([]);
    await consumer.stop();
  });

  it('delivers again what was not committed when its process disappeared', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'crash', 1);
    await (await client.producer()).send([1, 2, 3].map((n) => outgoing('crash', 'k', n)));
    const seen: number[] = [];
    const options = (handle: Handle) => ({
      groupId: 'crash',
      stage: 'test',
      drainMs: 50,
      subscriptions: [subscription({ contract, mode: 'batch', handle })],
    });
    const began = Promise.withResolvers<void>();
    let signal: AbortSignal | undefined;
    const crashing = client.batchConsumer(
      options(async (_, context) => {
        signal = context.signal;
        began.resolve();
        await new Promise(() => undefined);
      }),
    );
    await crashing.start();
    await began.promise;
    await crashing.stop();
    expect(signal?.aborted).toBe(true);
    const successor = client.batchConsumer(
      options(async (batch) => void seen.push(...batch.map(({ value }) => value?.n ?? 0))),
    );
    await successor.start();
    await until('redelivery', () => seen.length === 3);
    expect(seen).toEqual([1, 2, 3]);
    await successor.stop();
  });

  it('ends the work in hand at stop and commits it', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'drain', 1);
    await (await client.producer()).send(Array.from({ length: 20 }, (_, n) => outgoing('drain', 'k', n)));
    const began = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let handled = 0;
    const consumer = client.batchConsumer({
      groupId: 'drain',
      stage: 'test',
      maxBatch: 5,
      subscriptions: [
        subscription({
          contract,
          mode: 'batch',
          handle: async (batch) => {
            began.resolve();
            await release.promise;
            handled += batch.length;
          },
        }),
      ],
    });
    await consumer.start();
    await began.promise;
    const stopped = consumer.stop();
    release.resolve();
    await stopped;
    expect(handled).toBe(5);
    expect((await client.admin().lag('drain', ['drain']))[0]?.committed).toBe(5n);
  });

  it('stops its intake under back-pressure and resumes it', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'pressure', 1);
    const producer = await client.producer();
    const release = Promise.withResolvers<void>();
    let handled = 0;
    const consumer = client.batchConsumer({
      groupId: 'pressure',
      stage: 'test',
      maxBatch: 10,
      highWater: { records: 50, bytes: 1e9 },
      subscriptions: [
        subscription({
          contract,
          mode: 'batch',
          handle: async (batch) => {
            await release.promise;
            handled += batch.length;
          },
        }),
      ],
    });
    await consumer.start();
    for (let round = 0; round < 20; round += 1) {
      await producer.send(Array.from({ length: 20 }, (_, n) => outgoing('pressure', 'k', n)));
      if (round === 5) await until('the level to be passed', () => consumer.health().queued > 50);
    }
    expect(consumer.health().queued).toBeLessThan(400);
    release.resolve();
    await until('everything', () => handled === 400);
    await consumer.stop();
  });
});
