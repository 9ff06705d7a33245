import { z } from 'zod';
import { envSchema, type ConfigFields, type ConfigOf } from './config.js';

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/.+/, 'a URL like postgres://user:password@host:5432/database');

/** Fields that every service has. */
export const commonConfig = {
  kafkaBrokers: {
    env: 'KAFKA_BROKERS',
    schema: envSchema.brokers,
    description: 'Kafka bootstrap brokers, host:port, separated by commas.',
  },
  topicPrefix: {
    env: 'TOPIC_PREFIX',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,100}$/, 'up to 100 letters, digits, dots, hyphens and underscores')
      .optional(),
    description: 'Put in front of every topic name and consumer group, for several installations on one Kafka.',
  },
  kafkaSsl: {
    env: 'KAFKA_SSL',
    schema: envSchema.flag,
    description: 'Speak TLS to Kafka.',
    default: 'false',
  },
  kafkaSslCaFile: {
    env: 'KAFKA_SSL_CA_FILE',
    schema: z.string().optional(),
    description: "PEM file with the authorities that sign the brokers' certificates; the system's unless set.",
  },
  kafkaSaslMechanism: {
    env: 'KAFKA_SASL_MECHANISM',
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'plain, scram-sha-256 or scram-sha-512').optional(),
    description: 'SASL mechanism: plain, scram-sha-256 or scram-sha-512; no SASL unless set.',
  },
  kafkaSaslUsername: {
    env: 'KAFKA_SASL_USERNAME',
    schema: z.string().optional(),
    description: 'SASL user name.',
  },
  kafkaSaslPassword: {
    env: 'KAFKA_SASL_PASSWORD',
    schema: z.string().optional(),
    description: 'SASL password.',
    secret: true,
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: databaseUrl,
    description: 'PostgreSQL 15 or newer: postgres://user:password@host:5432/database.',
    secret: true,
  },
  databasePool: {
    env: 'DATABASE_POOL',
    schema: envSchema.positiveInt(200),
    description: 'Most connections to PostgreSQL that one process opens for its work, beside up to three for itself.',
    default: '10',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'debug, info, warn, error or silent'),
    description: 'Least level that is logged: debug, info, warn, error or silent.',
    default: 'info',
  },
  logPretty: {
    env: 'LOG_PRETTY',
    schema: envSchema.flag,
    description: 'Readable lines instead of JSON.',
    default: 'false',
  },
  provisorKey: {
    env: 'PROVISOR_KEY',
    schema: envSchema.key.optional(),
    description:
      'Key that encrypts stored secrets and masked values: 32 random bytes in base64url. The same for every service.',
    secret: true,
  },
  provisorKeyFile: {
    env: 'PROVISOR_KEY_FILE',
    schema: z.string().optional(),
    description: 'File that holds the key, instead of PROVISOR_KEY.',
  },
  httpPort: {
    env: 'HTTP_PORT',
    schema: envSchema.port,
    description: 'Port of health, metrics and, where a service has one, its API. 0 takes a free one.',
    default: '3000',
  },
  httpHost: {
    env: 'HTTP_HOST',
    schema: z.string().min(1),
    description: 'Address to listen on.',
    default: '0.0.0.0',
  },
} as const satisfies ConfigFields;

export type CommonConfig = ConfigOf<typeof commonConfig>;
