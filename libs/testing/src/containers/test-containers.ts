import { randomBytes } from 'node:crypto';
import { freePort, KAFKA_VERSION, kafkaAnswers, waitUntil } from '@provisor/embedded';

const START_TIMEOUT_MS = 120_000;

// Ryuk, which would remove what a killed run leaves behind, is an image of its own with the engine's socket in its hands; who wants it sets
// the variable to false. What starts a container here stops it.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';

/** Loaded when it is needed, because it is large and most tests need none of it. */
const testcontainers = () => import('testcontainers');

export interface ContainerKafka {
  /** `127.0.0.1:<port>` */
  readonly brokers: string;
  stop(): Promise<void>;
}

export interface ContainerPostgres {
  /** postgres://superuser:password@host:port/postgres */
  readonly url: string;
  stop(): Promise<void>;
}

/** Why testcontainers can start nothing, in its own words; undefined where it can. */
export async function whyNoContainers(): Promise<string | undefined> {
  try {
    await (await testcontainers()).getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    return `no container engine answers (${error instanceof Error ? error.message : String(error)})`;
  }
}

/**
 * Apache Kafka in a container: the image that PROVISOR_TEST_KAFKA_IMAGE names, else the official one. Resolves when consumer groups can
 * be served.
 */
export async function startContainerKafka(): Promise<ContainerKafka> {
  // The same port inside and outside, because clients are told an address that has to be right on this machine.
  const port = await freePort();
  const { GenericContainer } = await testcontainers();
  const container = await new GenericContainer(
    process.env['PROVISOR_TEST_KAFKA_IMAGE'] ?? `apache/kafka:${KAFKA_VERSION}`,
  )
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    })
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  if (!(await waitUntil(() => kafkaAnswers(port), { timeoutMs: START_TIMEOUT_MS, everyMs: 100 }))) {
    await container.stop();
    throw new Error('Kafka did not answer in its container.');
  }
  return { brokers: `127.0.0.1:${port}`, stop: async () => void (await container.stop()) };
}

/** PostgreSQL in a container: the image that PROVISOR_TEST_POSTGRES_IMAGE names, else the official one. */
export async function startContainerPostgres(): Promise<ContainerPostgres> {
  const password = randomBytes(16).toString('hex');
  const { GenericContainer, Wait } = await testcontainers();
  const container = await new GenericContainer(process.env['PROVISOR_TEST_POSTGRES_IMAGE'] ?? 'postgres:18')
    .withExposedPorts(5432)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withCommand(['postgres', '-c', 'max_connections=150'])
    // Over TCP, because while the official image sets the database up it listens on its socket only.
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready --host 127.0.0.1'))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  return {
    url: `postgres://postgres:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => void (await container.stop()),
  };
}
