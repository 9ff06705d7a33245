import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Problem } from './problem.mjs';
import { npmInstall } from './packages.mjs';
import { step } from './progress.mjs';

/** The oldest Node.js that the packages accept. */
const OLDEST = [24, 11];
const VERSION = '24.21.0';

export function isNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The pinned Node.js, installed as a package in tools/node where it is not there yet. */
export async function pinnedNode(root) {
  const folder = join(root, 'tools', 'node');
  const found = binaryIn(folder);
  if (found !== undefined) return found;
  await step(`Node.js ${VERSION} (the present one is ${process.versions.node})`, () => npmInstall(folder, root));
  const installed = binaryIn(folder);
  if (installed === undefined) {
    throw new Problem(
      `There is no packaged Node.js ${VERSION} for ${process.platform}-${process.arch}, and the present ${process.versions.node} is too old.`,
      `Install Node.js ${OLDEST.join('.')} or newer and start again.`,
    );
  }
  return installed;
}

/** The environment in which `node` means this one. */
export const withNode = (binary, env = process.env) => ({
  ...env,
  PATH: `${dirname(binary)}${delimiter}${env.PATH ?? ''}`,
});

function binaryIn(folder) {
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) return undefined;
  return readdirSync(modules)
    .filter((name) => name.startsWith('node-'))
    .map((name) => join(modules, name, 'bin', 'node'))
    .find((file) => existsSync(file));
}
