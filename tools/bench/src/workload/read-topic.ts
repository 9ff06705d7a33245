import kafkajs from 'kafkajs';
import type { Rig } from '../rig/rig.js';
import { within } from '../suite/within.js';

const READ_MS = 300_000;

export const client = (rig: Rig): kafkajs.Kafka =>
  new kafkajs.Kafka({ brokers: rig.brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });

interface TopicRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: kafkajs.IHeaders;
  /** When its producer sent it, in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** All records that a topic has now. */
export async function readTopic(rig: Rig, topic: string): Promise<TopicRecord[]> {
  const offsets = await rig.kafka.admin().offsets(topic);
  const wanted = offsets.reduce((sum, { low, end }) => sum + Number(end - low), 0);
  const consumer = client(rig).consumer({ groupId: `${rig.topicPrefix}read-${topic}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: `${rig.topicPrefix}${topic}`, fromBeginning: true });
  const records: TopicRecord[] = [];
  const done = Promise.withResolvers<void>();
  if (wanted === 0) done.resolve();
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, headers = {}, timestamp } }) => {
      records.push({ partition, key, value, headers, sentAt: Number(timestamp) });
      if (records.length === wanted) done.resolve();
    },
  });
  await within(done.promise, READ_MS, `all records of ${topic}`);
  await consumer.disconnect();
  return records.slice(0, wanted);
}
