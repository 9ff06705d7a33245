import type { TopicContract } from '@provisor/contracts';
import { provisioningDeadLetters } from '@provisor/contracts';
import { silentLogger, type Logger } from '@provisor/telemetry';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { KafkaClient } from './kafka-client.js';
import type { ReceivedRecord } from './records.js';
import type { KafkaClock } from './settings.js';

export const realClock: KafkaClock = {
  now: () => Date.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  },
};

export const note = z.object({ key: z.string(), n: z.int() });
export type Note = z.infer<typeof note>;

export function noteTopic(name: string, partitions: number, config: Record<string, string> = {}): TopicContract<Note> {
  return {
    name,
    type: 'test.note',
    title: 'Notes of a test',
    keyDescription: 'any',
    schema: note,
    key: ({ key }) => key,
    partitions,
    config,
  };
}

/** The broker of PROVISOR_TEST_KAFKA under a prefix of its own, which stands in the name of every topic it leaves. */
export class TestBroker {
  readonly prefix = `test-${randomBytes(5).toString('hex')}.`;
  readonly #clients: KafkaClient[] = [];

  client(log: Logger = silentLogger): KafkaClient {
    const brokers = (process.env['PROVISOR_TEST_KAFKA'] ?? '127.0.0.1:19092').split(',');
    const client = new KafkaClient({ brokers, clientId: 'test', topicPrefix: this.prefix }, { log, clock: realClock });
    this.#clients.push(client);
    return client;
  }

  async topic(client: KafkaClient, name: string, partitions: number, config?: Record<string, string>) {
    const contract = noteTopic(name, partitions, config);
    await client.admin().ensureTopics([contract, provisioningDeadLetters]);
    return contract;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

export const outgoing = (topic: string, key: string, n: number) => ({ topic, key, value: JSON.stringify({ key, n }) });

/** Everything that is in a topic now. */
export async function readAll<T>(client: KafkaClient, contract: TopicContract<T>): Promise<ReceivedRecord<T>[]> {
  const records: ReceivedRecord<T>[] = [];
  await client.readToEnd({ contract, handle: async (batch) => void records.push(...batch) });
  return records;
}
