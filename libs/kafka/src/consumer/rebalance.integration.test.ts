import { until } from '@provisor/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { TopicPartition } from '../records.js';
import { outgoing, TestBroker } from '../test-broker.fixture.js';
import { partitionId } from './assignment.js';
import type { BatchConsumer } from './batch-consumer.js';
import { subscription } from './subscription.js';

const broker = new TestBroker();
afterAll(() => broker.close());

describe(`A group with changing members (topics ${broker.prefix}*)`, () => {
  it('loses nothing, keeps order per key, and tells who owns what', async () => {
    const client = broker.client();
    const contract = await broker.topic(client, 'moving', 6);
    const producer = await client.producer();
    const newest = new Map<string, number>();
    const handled = new Set<string>();
    const owners = new Map<string, string>();
    const member = (name: string): BatchConsumer =>
      client.batchConsumer({
        groupId: 'moving',
        stage: 'test',
        maxBatch: 20,
        onAssigned: async (partitions: readonly TopicPartition[]) => {
          for (const partition of partitions) owners.set(partitionId(partition), name);
        },
        onRevoked: async (partitions: readonly TopicPartition[]) => {
          for (const partition of partitions)
            if (owners.get(partitionId(partition)) === name) owners.delete(partitionId(partition));
        },
        subscriptions: [
          subscription({
            contract,
            mode: 'batch',
            handle: async (batch) => {
              await new Promise((resolve) => setTimeout(resolve, 2));
              for (const { key, value } of batch) {
                const n = value?.n ?? 0;
                handled.add(`${key}/${n}`);
                // A repeated delivery goes back, but never skips: the next number follows one that was handled before.
                if (n > 0) expect(handled.has(`${key}/${n - 1}`)).toBe(true);
                newest.set(key, Math.max(n, newest.get(key) ?? 0));
              }
            },
          }),
        ],
      });
    const first = member('first');
    await first.start();
    const counts = new Map<string, number>();
    const produce = async (records: number): Promise<void> => {
      const batch = Array.from({ length: records }, (_, index) => {
        const key = `k${index % 12}`;
        const n = counts.get(key) ?? 0;
        counts.set(key, n + 1);
        return outgoing('moving', key, n);
      });
      await producer.send(batch);
    };
    await produce(600);
    const second = member('second');
    const joining = second.start();
    for (let round = 0; round < 10; round += 1) await produce(120);
    await joining;
    await until('both to own partitions', () => new Set(owners.values()).size === 2 && owners.size === 6);
    await produce(600);
    await first.stop();
    await until('the second to own all', () => [...owners.values()].filter((owner) => owner === 'second').length === 6);
    await produce(600);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    await until('everything handled', () => handled.size === total);
    expect([...newest].every(([key, n]) => n === (counts.get(key) ?? 0) - 1)).toBe(true);
    await until('everything committed', async () =>
      (await client.admin().lag('moving', ['moving'])).every(({ lag }) => lag === 0n),
    );
    await second.stop();
  });
});
