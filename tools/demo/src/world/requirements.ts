import { statfsSync } from 'node:fs';
import { EmbeddedProblem, findContainerEngine, findJavaTools, OLDEST_JAVA } from '@provisor/embedded';

const GIB = 1024 ** 3;
const NEEDED_GIB = 1;

/** Fails with one sentence where the demo could not run to its end. @throws EmbeddedProblem */
export async function checkRequirements(dir: string): Promise<void> {
  const { bavail, bsize } = statfsSync(dir);
  const free = (bavail * bsize) / GIB;
  if (free < NEEDED_GIB) {
    throw new EmbeddedProblem(
      `Only ${free.toFixed(1)} GiB are free on the disk of ${dir}; the demo needs ${NEEDED_GIB} GiB.`,
      'Make room, or name a folder on another disk with --dir.',
    );
  }
  const { java, maven } = await findJavaTools();
  if (java !== undefined && maven !== undefined) return;
  const missing = [java === undefined ? `Java ${OLDEST_JAVA} or newer` : '', maven === undefined ? 'Maven' : ''];
  if ((await findContainerEngine()) !== undefined) return;
  throw new EmbeddedProblem(
    `The demo needs Java and Maven, or a container engine; missing: ${missing.filter((name) => name !== '').join(' and ')}, and no engine answers.`,
    `Install a JDK (${OLDEST_JAVA} or newer) and Maven, or start Docker.`,
  );
}
