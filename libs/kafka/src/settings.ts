import type { SASLOptions } from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';

export interface KafkaSettings {
  /** `host:port` of one or more brokers to begin with. */
  readonly brokers: readonly string[];
  /** Name of this process in the broker's logs and quotas. */
  readonly clientId: string;
  /** Put before the name of every topic and consumer group; may be empty. */
  readonly topicPrefix: string;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** Asked at every (re-)authentication; has to cache by itself. */
      readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
    };

/** The part of a clock that this library needs; `systemClock` of the host fits. */
export interface KafkaClock {
  now(): number;
  date(): Date;
  /** Rejects or resolves early when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The client library's own type of the same thing. */
export function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === 'oauthbearer')
    return { mechanism: 'oauthbearer', oauthBearerProvider: () => sasl.oauthBearerProvider() };
  const { username, password } = sasl;
  return { mechanism: sasl.mechanism, username, password };
}
