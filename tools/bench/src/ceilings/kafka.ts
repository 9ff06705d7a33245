import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { forgetTopics } from '../rig/forget-topics.js';
import { percentile } from '../statistics/percentile.js';
import { within } from '../suite/within.js';

const PARTITIONS = 12;
const BATCH = 500;
const RECORD = 'x'.repeat(1000);
const WAIT_MS = 120_000;

export interface KafkaCeiling {
  /** Records of 1 KB per second, idempotent, acknowledged by all. */
  readonly producePerSecond: number;
  readonly consumePerSecond: number;
  /** From the send of one record to its arrival at a waiting consumer, in milliseconds, median. */
  readonly hopMs: number;
}

/** C2: what the client and the broker do when nobody does anything with the records. */
export async function kafkaCeiling(brokers: string, o: { records: number; hops: number }): Promise<KafkaCeiling> {
  const kafka = new kafkajs.Kafka({
    brokers: brokers.split(','),
    clientId: 'ceiling',
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const prefix = `ceiling-${randomBytes(4).toString('hex')}.`;
  const admin = kafka.admin();
  await admin.connect();
  const topics = [`${prefix}many`, `${prefix}one`];
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })) });
  await admin.disconnect();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    const producePerSecond = await produce(producer, topics[0] ?? '', o.records);
    const consumePerSecond = await consume(kafka, topics[0] ?? '', `${prefix}group`, o.records);
    const hopMs = await hop(kafka, producer, { topic: topics[1] ?? '', groupId: `${prefix}hop`, hops: o.hops });
    return { producePerSecond, consumePerSecond, hopMs };
  } finally {
    await producer.disconnect();
    await forgetTopics(brokers, prefix).catch(() => undefined);
  }
}

async function produce(producer: kafkajs.Producer, topic: string, records: number): Promise<number> {
  await producer.send({ topic, acks: -1, messages: [{ key: 'first', value: RECORD }] });
  const began = performance.now();
  for (let sent = 1; sent < records; sent += BATCH)
    await producer.send({
      topic,
      acks: -1,
      messages: Array.from({ length: Math.min(BATCH, records - sent) }, (_, index) => ({
        key: String(sent + index),
        value: RECORD,
      })),
    });
  return ((records - 1) / (performance.now() - began)) * 1000;
}

/** Counted from the first record on, so that joining the group does not count. */
async function consume(kafka: kafkajs.Kafka, topic: string, groupId: string, records: number): Promise<number> {
  const consumer = kafka.consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const done = Promise.withResolvers<number>();
  let seen = 0;
  let began = 0;
  await consumer.run({
    eachBatch: async ({ batch }) => {
      if (seen === 0) began = performance.now();
      seen += batch.messages.length;
      if (seen >= records) done.resolve((records / (performance.now() - began)) * 1000);
    },
  });
  try {
    return await within(done.promise, WAIT_MS, 'the ceiling of consuming');
  } finally {
    await consumer.disconnect();
  }
}

async function hop(
  kafka: kafkajs.Kafka,
  producer: kafkajs.Producer,
  o: { topic: string; groupId: string; hops: number },
): Promise<number> {
  const consumer = kafka.consumer({ groupId: o.groupId });
  await consumer.connect();
  await consumer.subscribe({ topic: o.topic, fromBeginning: true });
  let arrived: (() => void) | undefined;
  await consumer.run({ eachMessage: async () => arrived?.() });
  const once = async (): Promise<number> => {
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const began = performance.now();
    await producer.send({ topic: o.topic, acks: -1, messages: [{ key: 'k', value: RECORD }] });
    await within(arrival, WAIT_MS, 'the arrival of a record');
    return performance.now() - began;
  };
  try {
    await once();
    const took: number[] = [];
    for (let count = 0; count < o.hops; count += 1) took.push(await once());
    return percentile(took, 50);
  } finally {
    await consumer.disconnect();
  }
}
