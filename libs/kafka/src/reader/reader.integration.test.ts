import { until } from '@provisor/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { TopicMisfitError } from '../admin/topic-admin.js';
import { partitionOf } from '../producer/partition-of.js';
import { noteTopic, outgoing, readAll, TestBroker, type Note } from '../test-broker.fixture.js';
import { subscription } from '../consumer/subscription.js';

const broker = new TestBroker();
afterAll(() => broker.close());

describe(`Readers, producer and topic set-up (topics ${broker.prefix}*)`, () => {
  it('gives a view of a compacted topic that follows changes and tombstones', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'view', 2, { 'cleanup.policy': 'compact' });
    const producer = await client.producer();
    await producer.send([outgoing('view', 'a', 1), outgoing('view', 'b', 1), outgoing('view', 'a', 2)]);
    const view = client.compactedView(contract);
    const heard: [string, Note | null][] = [];
    view.onChange((key, value) => heard.push([key, value]));
    await view.start();
    expect(view.get('a')).toEqual({ key: 'a', n: 2 });
    expect(new Map(view.entries()).size).toBe(2);
    await producer.send([{ topic: 'view', key: 'a', value: null }, outgoing('view', 'c', 7)]);
    await until('the news', () => view.get('a') === undefined && view.get('c') !== undefined);
    expect(heard).toContainEqual(['a', null]);
    await producer.send([{ topic: 'view', key: 'c', value: 'nonsense' }, outgoing('view', 'b', 9)]);
    await until('the next record', () => view.get('b')?.n === 9);
    expect(view.get('c')).toEqual({ key: 'c', n: 7 });
    await view.close();
  });

  it('starts a view of an empty topic at once', async () => {
    const client = broker.client();
    const view = client.compactedView(await broker.topic(client, 'empty', 1, { 'cleanup.policy': 'compact' }));
    await view.start();
    expect(view.entries()).toEqual([]);
    await view.close();
  });

  it('reads a topic to its end in batches per partition, and passes on what the handler throws', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'whole', 4);
    const producer = await client.producer();
    await producer.send(Array.from({ length: 5000 }, (_, n) => outgoing('whole', `k${n % 50}`, n)));
    const seen = new Set<number>();
    await client.readToEnd({
      contract,
      handle: async (batch) => {
        expect(new Set(batch.map(({ partition }) => partition)).size).toBe(1);
        for (const { value } of batch) seen.add(value?.n ?? -1);
      },
    });
    expect(seen.size).toBe(5000);
    const refusal = client.readToEnd({ contract, handle: () => Promise.reject(new Error('no more')) });
    await expect(refusal).rejects.toThrow('no more');
    await expect(
      client.readToEnd({ contract: noteTopic('nowhere', 1), handle: async () => undefined }),
    ).rejects.toThrow();
  });

  it('keeps order and loses nothing when many callers send at once, beyond the size of one request', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'many', 3);
    const producer = await client.producer();
    const filler = 'x'.repeat(1000);
    const sends = Array.from({ length: 200 }, (_, caller) =>
      producer.send(
        Array.from({ length: 10 }, (_, n) => ({
          topic: 'many',
          key: `caller-${caller % 7}`,
          value: JSON.stringify({ key: filler, n: caller * 10 + n }),
        })),
      ),
    );
    await Promise.all(sends);
    const byKey = Map.groupBy(await readAll(client, contract), ({ key }) => key);
    expect([...byKey.values()].flat()).toHaveLength(2000);
    for (const records of byKey.values()) {
      const order = records.map(({ value }) => value?.n ?? 0);
      expect(order).toEqual([...order].sort((x, y) => x - y));
    }
  });

  it('knows in which partition the records of a key are', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'placed', 5);
    const keys = Array.from({ length: 30 }, (_, n) => `tenant-${n}/ü`);
    await (await client.producer()).send(keys.map((key, n) => outgoing('placed', key, n)));
    const placed = (await readAll(client, contract)).map(({ key, partition }) => [key, partition]);
    expect(Object.fromEntries(placed)).toEqual(Object.fromEntries(keys.map((key) => [key, partitionOf(key, 5)])));
  });

  it('fails only the caller whose record cannot be sent', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'fair', 1);
    const producer = await client.producer();
    const [good, bad, alsoGood] = await Promise.allSettled([
      producer.send([outgoing('fair', 'k', 1)]),
      producer.send([{ topic: 'fair', key: 'k', value: 'x'.repeat(2 * 1024 * 1024) }]),
      producer.send([outgoing('fair', 'k', 2)]),
    ]);
    expect([good?.status, bad?.status, alsoGood?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await readAll(client, contract)).map(({ value }) => value?.n)).toEqual([1, 2]);
  });

  it('creates topics once with their configuration and refuses one that would lose records', async () => {
    const client = broker.client();
    const contract = noteTopic('setup', 2, { 'cleanup.policy': 'delete', 'retention.ms': '3600000' });
    const [first, second] = await Promise.all([1, 2].map(() => broker.client().admin().ensureTopics([contract])));
    expect([first, second]).toEqual([[], []]);
    expect(await client.admin().ensureTopics([contract])).toEqual([]);
    const longer = noteTopic('setup', 2, { 'cleanup.policy': 'delete', 'retention.ms': '7200000' });
    const misfits = await client.admin().ensureTopics([longer]);
    expect(misfits.map(({ sentence }) => sentence)).toEqual([expect.stringContaining('retention.ms=3600000')]);
    const compacted = noteTopic('setup', 2, { 'cleanup.policy': 'compact' });
    await expect(client.admin().ensureTopics([compacted])).rejects.toThrow(TopicMisfitError);
  });

  it('carries the trace context from sender to handler', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'traced', 1);
    const producer = await client.producer();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    let got: string | undefined;
    const consumer = client.batchConsumer({
      groupId: 'traced',
      stage: 'test',
      subscriptions: [
        subscription({ contract, mode: 'batch', handle: async ([record]) => void (got = record?.traceparent) }),
      ],
    });
    await consumer.start();
    await producer.send([{ ...outgoing('traced', 'k', 1), headers: { traceparent } }]);
    await until('the record', () => got !== undefined);
    expect(got).toBe(traceparent);
    got = undefined;
    await producer.send([outgoing('traced', 'k', 2)]);
    await until('the record', () => got !== undefined);
    expect(got).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    await consumer.stop();
  });
});
