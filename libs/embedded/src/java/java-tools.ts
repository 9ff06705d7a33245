import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** The oldest Java that Apache Kafka 4 brokers run on. */
export const OLDEST_JAVA = 17;

export interface JavaTools {
  /** The `java` command and its major version; undefined where there is none that is recent enough. */
  readonly java: { readonly command: string; readonly major: number } | undefined;
  /** The `mvn` command; undefined where there is none. */
  readonly maven: string | undefined;
}

/** Looks for Java (JAVA_HOME first, then the path) and Maven. */
export async function findJavaTools(env: NodeJS.ProcessEnv = process.env): Promise<JavaTools> {
  const home = env['JAVA_HOME'];
  const candidates = [...(home === undefined ? [] : [join(home, 'bin', 'java')]), 'java'];
  const [majors, maven] = await Promise.all([Promise.all(candidates.map(javaMajor)), answers('mvn', ['-v'])]);
  const found = candidates.findIndex((_, index) => (majors[index] ?? 0) >= OLDEST_JAVA);
  const command = candidates[found];
  return {
    java: command === undefined ? undefined : { command, major: majors[found] ?? OLDEST_JAVA },
    maven: maven ? 'mvn' : undefined,
  };
}

/** The major version out of the first line of `java -version`; 0 when it is not recognised. */
export function parseJavaMajor(text: string): number {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : 0;
}

function javaMajor(command: string): Promise<number> {
  return new Promise((resolve) => {
    execFile(command, ['-version'], (error, _stdout, stderr) => resolve(error ? 0 : parseJavaMajor(stderr)));
  });
}

export function answers(command: string, args: readonly string[], timeoutMs = 20_000): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: timeoutMs }, (error) => resolve(error === null));
  });
}
