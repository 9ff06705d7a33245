import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { join, resolve as absolute } from 'node:path';
import { startChild, type ManagedChild } from '../child/managed-child.js';
import { sharedSettings, toEnvironment } from './kafka-settings.js';
import { KAFKA_VERSION } from './kafka-process.js';

const CONTROLLER_PORT = 19093;
const DATA = '/var/lib/kafka/data';

/** Container and volume of a folder: the same at every start, so that data is found again and leftovers are removed. */
const nameFor = (dir: string): string =>
  `provisor-kafka-${createHash('sha256').update(absolute(dir)).digest('hex').slice(0, 12)}`;

/** The broker in a container, for machines without Java. The data lies in a volume of the engine. */
export async function startKafkaContainer(o: {
  engine: string;
  dir: string;
  port: number;
  advertisedPort: number;
  heapMb: number;
}): Promise<ManagedChild> {
  const name = nameFor(o.dir);
  await run(o.engine, ['rm', '-f', name]);
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${CONTROLLER_PORT}`,
    listeners: `PLAINTEXT://0.0.0.0:${o.port},CONTROLLER://127.0.0.1:${CONTROLLER_PORT}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${o.advertisedPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': DATA,
    ...sharedSettings,
  };
  const environment = { ...toEnvironment(settings), KAFKA_HEAP_OPTS: `-Xmx${o.heapMb}m -Xms96m` };
  const env = Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const publish = `127.0.0.1:${o.port}:${o.port}`;
  const image = `apache/kafka:${KAFKA_VERSION}`;
  return startChild({
    name: 'Kafka',
    command: o.engine,
    args: ['run', '--rm', '--name', name, '-p', publish, '-v', `${name}:${DATA}`, ...env, image],
    dir: o.dir,
    logFile: join(o.dir, 'kafka.log'),
  });
}

/** Removes container and volume of a folder. */
export async function removeKafkaContainer(engine: string, dir: string): Promise<void> {
  await run(engine, ['rm', '-f', nameFor(dir)]);
  await run(engine, ['volume', 'rm', '-f', nameFor(dir)]);
}

/** What is not there cannot be removed: the engine's error is of no interest. */
function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile(command, args, () => resolve());
  });
}
