import { randomUUID } from 'node:crypto';
import kafkajs, { type Message } from 'kafkajs';
import { until } from '@provisor/testing';
import type { World } from '../world/world.js';

export interface RawMessage {
  readonly partition: number;
  readonly message: Message;
}

/** The broker without Provisor's own client: whatever is on a topic, as it is. */
export class RawTopics {
  readonly #world: World;
  readonly #kafka: kafkajs.Kafka;

  constructor(world: World) {
    this.#world = world;
    const { Kafka, logLevel } = kafkajs;
    this.#kafka = new Kafka({
      clientId: 'chaos',
      brokers: [...world.installation.brokers],
      logLevel: logLevel.NOTHING,
    });
  }

  /** Everything that is on a topic now. */
  async read(topic: string): Promise<RawMessage[]> {
    const name = this.#world.installation.topicPrefix + topic;
    const offsets = await this.#world.installation.kafka.admin().offsets(topic);
    const left = new Map(offsets.filter(({ low, end }) => end > low).map(({ partition, end }) => [partition, end]));
    const found: RawMessage[] = [];
    const consumer = this.#kafka.consumer({ groupId: `chaos-${randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const { key, value, headers = {}, offset } = message;
        found.push({ partition, message: { key, value, headers } });
        if (BigInt(offset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
      },
    });
    await until(`${topic} is read`, () => left.size === 0, { withinMs: 60_000 });
    await consumer.disconnect();
    return found;
  }

  async send(topic: string, messages: readonly RawMessage[]): Promise<void> {
    const { Partitioners } = kafkajs;
    const producer = this.#kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const all = messages.map(({ message, partition }) => ({ ...message, partition }));
    for (let from = 0; from < all.length; from += 500)
      await producer.send({
        topic: this.#world.installation.topicPrefix + topic,
        messages: all.slice(from, from + 500),
      });
    await producer.disconnect();
  }

  /** The group reads everything again. Nobody may be a member of it. */
  async forgetOffsets(groupId: string, topics: readonly string[]): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const { topicPrefix } = this.#world.installation;
    for (const topic of topics)
      await admin.resetOffsets({ groupId: topicPrefix + groupId, topic: topicPrefix + topic, earliest: true });
    await admin.disconnect();
  }
}
