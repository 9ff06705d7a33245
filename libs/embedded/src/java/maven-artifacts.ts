import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EmbeddedProblem } from '../embedded-problem.js';
import { filledFolder } from '../filled-folder.js';
import { findJavaTools } from './java-tools.js';

/** Pinned: without a version Maven would take whatever is newest that day. */
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export interface MavenArtifactsOptions {
  /** What it is, for people. */
  readonly name: string;
  /** File whose dependencies are wanted. */
  readonly pom: string;
  /** Folder for the jars; a hash of the POM is appended. */
  readonly dir: string;
}

/**
 * The folder with the jars of a POM's dependencies, downloaded once; into another one when the POM has changed.
 *
 * @throws EmbeddedProblem when Maven is missing or cannot download.
 */
export function mavenArtifacts(o: MavenArtifactsOptions): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(o.pom)).digest('hex').slice(0, 12);
  return filledFolder(`${o.dir}-${hash}`, async (dir) => {
    const { maven } = await findJavaTools();
    if (maven === undefined) {
      throw new EmbeddedProblem(`Maven, which downloads ${o.name}, is missing.`, 'Install Maven (the mvn command).');
    }
    await copyDependencies(maven, { ...o, dir });
  });
}

function copyDependencies(maven: string, o: MavenArtifactsOptions): Promise<void> {
  const args = ['-q', '-B', '-f', o.pom, COPY_DEPENDENCIES, `-DoutputDirectory=${o.dir}`, '-DincludeScope=runtime'];
  return new Promise((resolve, reject) => {
    execFile(maven, args, { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.includes('ERROR'));
      const why = lines[0]?.replace(/^.*\[.*?ERROR.*?\]\s*/, '') ?? error.message;
      reject(
        new EmbeddedProblem(
          `Maven could not download ${o.name}: ${why}`,
          'Check the network, and ~/.m2/settings.xml if a proxy or a mirror is needed.',
          error,
        ),
      );
    });
  });
}
