import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { capture, npmCommand } from './processes.mjs';
import { step } from './progress.mjs';

const GIB = 1024 ** 3;
/** Packages, the broker, build results and the data of a demo together. */
const NEEDED_GIB = 3;

/** Installs what the lock file names, if that is not what is installed. */
export async function installPackages(root) {
  const stamp = join(root, 'node_modules', '.provisor-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('Packages', () => npmInstall(root, root));
  writeFileSync(stamp, wanted);
}

/** `npm ci` in a folder, without install scripts: nothing in the set needs one. */
export async function npmInstall(folder, root) {
  requireSpace(root);
  const [npm, ...first] = npmCommand();
  const args = [...first, 'ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await capture(npm, args, { cwd: folder, env: cleanEnvironment() }).catch((error) => {
    throw new Problem(`npm cannot be started: ${error.message}.`, 'Install Node.js with npm.');
  });
  if (code !== 0) throw explain(output);
}

function requireSpace(root) {
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / GIB;
  if (free < NEEDED_GIB) {
    throw new Problem(
      `Only ${free.toFixed(1)} GiB are free on the disk of ${root}; ${NEEDED_GIB} GiB are needed.`,
      'Make room and start again.',
    );
  }
}

/** Without what an outer npm has set for its own project, such as the prefix. */
function cleanEnvironment() {
  const own = /^npm_(package|lifecycle|command|config_(local_prefix|prefix|global_prefix|noproxy))/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !own.test(key)));
}

function explain(output) {
  if (/ENOSPC/.test(output)) return new Problem('The disk is full.', 'Make room and start again.', output);
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E503/.test(output)) {
    return new Problem(
      'npm cannot reach its registry.',
      'Check the network, and the settings for a proxy or a mirror (npm config get registry).',
      output,
    );
  }
  return new Problem('npm ci failed.', 'What it said stands above.', output);
}
