import kafkajs from 'kafkajs';
import type { Rig } from '../rig/rig.js';
import { within } from '../suite/within.js';

const BATCH = 500;
const READ_MS = 300_000;

/** Writes all records that a topic has now again behind its end, so many times, with the same keys, values, headers and partitions. */
export async function replayTopic(rig: Rig, topic: string, times: number): Promise<void> {
  const kafka = new kafkajs.Kafka({
    brokers: rig.brokers,
    clientId: 'bench-replay',
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const full = `${rig.topicPrefix}${topic}`;
  const records = await readAll(kafka, rig, topic);
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let round = 0; round < times; round += 1)
    for (let from = 0; from < records.length; from += BATCH)
      await producer.send({ topic: full, acks: -1, messages: records.slice(from, from + BATCH) });
  await producer.disconnect();
}

async function readAll(kafka: kafkajs.Kafka, rig: Rig, topic: string): Promise<kafkajs.Message[]> {
  const offsets = await rig.kafka.admin().offsets(topic);
  const wanted = offsets.reduce((sum, { low, end }) => sum + Number(end - low), 0);
  const consumer = kafka.consumer({ groupId: `${rig.topicPrefix}replay-${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topic: `${rig.topicPrefix}${topic}`, fromBeginning: true });
  const records: kafkajs.Message[] = [];
  const done = Promise.withResolvers<void>();
  if (wanted === 0) done.resolve();
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, headers = {} } }) => {
      records.push({ partition, key, value, headers });
      if (records.length === wanted) done.resolve();
    },
  });
  await within(done.promise, READ_MS, `all records of ${topic}`);
  await consumer.disconnect();
  return records.slice(0, wanted);
}
