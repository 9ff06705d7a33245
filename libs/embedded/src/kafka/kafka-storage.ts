import { execFile } from 'node:child_process';
import { EmbeddedProblem } from '../embedded-problem.js';

export interface KafkaStorageOptions {
  readonly java: string;
  /** Arguments of the JVM, with the class path of the broker. */
  readonly jvm: readonly string[];
  /** The broker's properties, which name its data folder. */
  readonly settingsFile: string;
  /** 16 bytes in base64url without padding. It may begin with a hyphen. */
  readonly clusterId: string;
}

/**
 * Prepares an empty data folder for a broker of a new cluster (`kafka-storage format`).
 *
 * @throws EmbeddedProblem with what Kafka said.
 */
export function formatStorage(o: KafkaStorageOptions): Promise<void> {
  const tool = ['-XX:TieredStopAtLevel=1', 'kafka.tools.StorageTool'];
  // As one argument: one in 64 ids begins with a hyphen and would be taken for an option.
  const args = [...o.jvm, ...tool, 'format', `--cluster-id=${o.clusterId}`, '--config', o.settingsFile];
  return new Promise((resolve, reject) => {
    execFile(o.java, args, (error, stdout, stderr) => {
      if (error === null) return resolve();
      reject(
        new EmbeddedProblem(
          `Kafka's storage cannot be prepared: ${reasonIn(`${stderr}\n${stdout}`) ?? error.message}.`,
          'Remove the folder and start again.',
          error,
        ),
      );
    });
  });
}

const reasonIn = (output: string): string | undefined =>
  output
    .split('\n')
    .find((line) => /error|exception/i.test(line))
    ?.trim();
