import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from '@provisor/telemetry';
import type { ChildExit, ManagedChild } from '../child/managed-child.js';
import { freePort, requireFreePort } from '../child/ports.js';
import { takeOver } from '../child/run-lock.js';
import { waitUntil } from '../child/wait-until.js';
import { EmbeddedProblem } from '../embedded-problem.js';
import { findJavaTools, OLDEST_JAVA } from '../java/java-tools.js';
import { findContainerEngine } from './container-engine.js';
import { startKafkaContainer } from './kafka-container.js';
import { kafkaAnswers } from './kafka-probe.js';
import { startKafkaProcess } from './kafka-process.js';

export interface KafkaOptions {
  /** Everything of this broker lies here; used again at the next start. */
  readonly dir: string;
  /** Port on 127.0.0.1; a free one where absent. */
  readonly port?: number;
  /** Port on 127.0.0.1 that clients are told, where something stands in front of the broker; its own unless given. */
  readonly advertisedPort?: number;
  /** Most heap of the Java process, in MiB; 512 unless given. */
  readonly heapMb?: number;
  readonly log: Logger;
}

export interface EmbeddedKafka {
  /** `127.0.0.1:<port>` */
  readonly brokers: string;
  readonly port: number;
  /** Of the Java process, or of the container engine's client. */
  readonly pid: number;
  readonly runsIn: 'process' | 'container';
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;

/**
 * A real Apache Kafka (KRaft, one node, loopback only, no topics made on their own). Runs on Java where there is one with Maven to
 * download it, otherwise in a container. Resolves when consumer groups can be served.
 *
 * @throws EmbeddedProblem
 */
export async function startKafka(o: KafkaOptions): Promise<EmbeddedKafka> {
  const dir = resolve(o.dir);
  mkdirSync(dir, { recursive: true });
  await takeOver(dir, 'Kafka', 'SIGTERM');
  const port = o.port === undefined ? await freePort() : await requireFreePort(o.port, 'Kafka');
  const { child, runsIn } = await launch({
    dir,
    port,
    advertisedPort: o.advertisedPort ?? port,
    heapMb: o.heapMb ?? 512,
  });

  const started = performance.now();
  const ready = await waitUntil(async () => !child.running() || (await kafkaAnswers(port)), {
    timeoutMs: START_TIMEOUT_MS,
    everyMs: 100,
  });
  if (!ready || !child.running()) {
    const tail = child.tail();
    await child.stop();
    throw new EmbeddedProblem(`Kafka did not start: ${tail || 'it said nothing'}`, `See ${child.logFile}.`);
  }
  o.log.info('Kafka answers', { port, runsIn, milliseconds: Math.round(performance.now() - started) });
  return { brokers: `127.0.0.1:${port}`, port, pid: child.pid, runsIn, exited: child.exited, stop: () => child.stop() };
}

async function launch(o: {
  dir: string;
  port: number;
  advertisedPort: number;
  heapMb: number;
}): Promise<{ child: ManagedChild; runsIn: EmbeddedKafka['runsIn'] }> {
  const { java, maven } = await findJavaTools();
  if (java !== undefined && maven !== undefined) {
    return { child: await startKafkaProcess({ ...o, java: java.command }), runsIn: 'process' };
  }
  const engine = await findContainerEngine();
  if (engine !== undefined) return { child: await startKafkaContainer({ ...o, engine }), runsIn: 'container' };
  throw new EmbeddedProblem(
    `Kafka needs Java ${OLDEST_JAVA} or newer with Maven, or a container engine; ${java === undefined ? 'Java' : 'Maven'} is missing and no engine answers.`,
    `Install a JDK (${OLDEST_JAVA} or newer) and Maven, or start Docker, or name a broker of your own in KAFKA_BROKERS.`,
  );
}
