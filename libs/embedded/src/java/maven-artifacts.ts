import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedProblem } from '../embedded-problem.js';
import { findJavaTools } from './java-tools.js';

/** Pinned: without a version Maven would take whatever is newest that day. */
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const STAMP = '.complete';

export interface MavenArtifactsOptions {
  /** What it is, for people. */
  readonly name: string;
  /** File whose dependencies are wanted. */
  readonly pom: string;
  /** Folder for the jars. */
  readonly dir: string;
}

/**
 * The jars of a POM's dependencies in `dir`, downloaded once; again when the POM has changed.
 *
 * @throws EmbeddedProblem when Maven is missing or cannot download.
 */
export async function mavenArtifacts(o: MavenArtifactsOptions): Promise<string> {
  const wanted = createHash('sha256').update(readFileSync(o.pom)).digest('hex');
  const stamp = join(o.dir, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return o.dir;

  const { maven } = await findJavaTools();
  if (maven === undefined) {
    throw new EmbeddedProblem(`Maven, which downloads ${o.name}, is missing.`, 'Install Maven (the mvn command).');
  }
  mkdirSync(dirname(o.dir), { recursive: true });
  // Into a folder of its own first, so that an interrupted download, or a second one at the same time, leaves no half folder.
  const part = `${o.dir}.${process.pid}.part`;
  try {
    await copyDependencies(maven, { ...o, dir: part });
    writeFileSync(join(part, STAMP), wanted);
    rmSync(o.dir, { recursive: true, force: true });
    renameSync(part, o.dir);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return o.dir;
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
