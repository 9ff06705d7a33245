import type { Rig } from '../rig/rig.js';
import { MARK } from '../target/mark.js';
import { arrivalsOf, type MarkedChange } from './marked-changes.js';
import { readTopic } from './read-topic.js';

/** How long each change took until a record that carries it, or a later one of the same object, was on its way to a topic, in milliseconds. */
export async function topicLatencies(rig: Rig, topic: string, changes: readonly MarkedChange[]): Promise<number[]> {
  const records = (await readTopic(rig, topic)).toSorted((a, b) => a.sentAt - b.sentAt);
  const writes = records.map(({ value, sentAt }) => ({
    ...{ method: 'SEND', status: 200, time: sentAt, answeredAt: sentAt },
    marks: value?.toString().match(MARK) ?? [],
  }));
  return arrivalsOf(changes, writes).arrived.map(({ latencyMs }) => latencyMs);
}
