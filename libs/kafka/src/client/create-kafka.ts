import type { Logger } from '@provisor/telemetry';
import kafkajs, { type Kafka } from 'kafkajs';
import { saslOptions, type KafkaSettings } from '../settings.js';
import { logBridge } from './log-bridge.js';
import { openSocket } from './open-socket.js';
import { calmRequestQueue } from './request-queue-patch.js';

/** Time after which cluster metadata is read again, in milliseconds: bounds how long a moved leader goes unnoticed. */
export const METADATA_MAX_AGE_MS = 20_000;

/** A kafkajs client with time-outs that notice a dead broker, and with the patch of its request queue in place. */
export function createKafka(settings: KafkaSettings, log: Logger): Kafka {
  calmRequestQueue();
  return new kafkajs.Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    ...(settings.sasl === undefined ? {} : { sasl: saslOptions(settings.sasl) }),
    socketFactory: openSocket,
    connectionTimeout: 3000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 5000 },
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logBridge(log),
  });
}
