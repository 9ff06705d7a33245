import { readFile } from 'node:fs/promises';
import type { KafkaSettings } from '@provisor/kafka';
import type { AdminApiConfig } from './admin-api.config.js';

/** What the environment says about Kafka. Throws if the CA file cannot be read. */
export async function kafkaSettings(config: AdminApiConfig): Promise<KafkaSettings> {
  const { kafkaSslCaFile, kafkaSaslMechanism: mechanism } = config;
  const ca = kafkaSslCaFile === undefined ? undefined : await readFile(kafkaSslCaFile, 'utf8');
  const credentials = { username: config.kafkaSaslUsername ?? '', password: config.kafkaSaslPassword ?? '' };
  return {
    brokers: config.kafkaBrokers,
    clientId: 'provisor-admin-api',
    topicPrefix: config.topicPrefix ?? '',
    ...(config.kafkaSsl ? { ssl: ca === undefined ? true : { ca } } : {}),
    ...(mechanism === undefined ? {} : { sasl: { mechanism, ...credentials } }),
  };
}
