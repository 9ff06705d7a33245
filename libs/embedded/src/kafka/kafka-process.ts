import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, type ManagedChild } from '../child/managed-child.js';
import { freePort } from '../child/ports.js';
import { mavenArtifacts } from '../java/maven-artifacts.js';
import { cacheRoot, libraryRoot } from '../workspace.js';
import { kafkaSettings, QUIET_LOG4J2, toProperties } from './kafka-settings.js';
import { formatStorage } from './kafka-storage.js';

export const KAFKA_VERSION = '4.3.1';

export interface KafkaProcessOptions {
  readonly dir: string;
  readonly port: number;
  readonly advertisedPort: number;
  readonly heapMb: number;
  readonly java: string;
}

/** The jars of the broker, downloaded by Maven at the first call. */
export const kafkaArtifacts = (): Promise<string> =>
  mavenArtifacts({
    name: `Apache Kafka ${KAFKA_VERSION}`,
    pom: join(libraryRoot, 'kafka', 'pom.xml'),
    dir: join(cacheRoot(), `kafka-${KAFKA_VERSION}`),
  });

/** The broker as a Java process; formats its storage at the first start. */
export async function startKafkaProcess(o: KafkaProcessOptions): Promise<ManagedChild> {
  const jars = await kafkaArtifacts();
  const dataDir = join(o.dir, 'data');
  mkdirSync(dataDir, { recursive: true });

  const ports = { client: o.port, advertised: o.advertisedPort, controller: await freePort() };
  const settings = kafkaSettings({ ports, dataDir });
  const settingsFile = join(o.dir, 'server.properties');
  const logging = join(o.dir, 'log4j2.properties');
  writeFileSync(settingsFile, toProperties(settings));
  writeFileSync(logging, QUIET_LOG4J2);
  const jvm = [`-Dlog4j2.configurationFile=${logging}`, '-cp', join(jars, '*')];

  if (!existsSync(join(dataDir, 'meta.properties'))) {
    const clusterId = randomBytes(16).toString('base64url');
    await formatStorage({ java: o.java, jvm, settingsFile, clusterId });
  }
  return startChild({
    name: 'Kafka',
    command: o.java,
    args: [
      `-Xmx${o.heapMb}m`,
      '-Xms96m',
      '-XX:MaxGCPauseMillis=20',
      '-XX:+ExitOnOutOfMemoryError',
      '-Djava.awt.headless=true',
      ...jvm,
      'kafka.Kafka',
      settingsFile,
    ],
    dir: o.dir,
    logFile: join(o.dir, 'kafka.log'),
  });
}
