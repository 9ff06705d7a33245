import kafkajs from 'kafkajs';
import type { Rig } from '../rig/rig.js';
import { client, readTopic } from './read-topic.js';

const BATCH = 500;

/** Writes all records that a topic has now again behind its end, so many times, with the same keys, values, headers and partitions. */
export async function replayTopic(rig: Rig, topic: string, times: number): Promise<void> {
  const kafka = client(rig);
  const full = `${rig.topicPrefix}${topic}`;
  const records = (await readTopic(rig, topic)).map(({ partition, key, value, headers }) => ({
    partition,
    key,
    value,
    headers,
  }));
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let round = 0; round < times; round += 1)
    for (let from = 0; from < records.length; from += BATCH)
      await producer.send({ topic: full, acks: -1, messages: records.slice(from, from + BATCH) });
  await producer.disconnect();
}
