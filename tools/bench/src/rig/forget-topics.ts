import kafkajs from 'kafkajs';

/** Removes the topics of one installation, so that the broker stays as light for the next one. */
export async function forgetTopics(brokers: string, prefix: string): Promise<void> {
  const admin = new kafkajs.Kafka({
    brokers: brokers.split(','),
    clientId: 'bench',
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}
