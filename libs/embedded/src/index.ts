export { EmbeddedProblem, inWords } from './embedded-problem.js';
export { startChild, type ChildExit, type ChildOptions, type ManagedChild } from './child/managed-child.js';
export { holdFolder } from './child/run-lock.js';
export { freePort, preferredPort, requireFreePort } from './child/ports.js';
export { waitUntil } from './child/wait-until.js';
export { findJavaTools, OLDEST_JAVA, type JavaTools } from './java/java-tools.js';
export { mavenArtifacts, type MavenArtifactsOptions } from './java/maven-artifacts.js';
export { cacheRoot } from './workspace.js';
export { findContainerEngine } from './kafka/container-engine.js';
export { removeKafkaContainer } from './kafka/kafka-container.js';
export { kafkaAnswers } from './kafka/kafka-probe.js';
export { KAFKA_VERSION } from './kafka/kafka-process.js';
export { startKafka, type EmbeddedKafka, type KafkaOptions } from './kafka/start-kafka.js';
export { startPostgres, type EmbeddedPostgres, type PostgresOptions } from './postgres/start-postgres.js';
export {
  directoryArtifacts,
  startDirectory,
  type DirectoryOptions,
  type EmbeddedDirectory,
} from './directory/embedded-directory.js';
