import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { capture } from './processes.mjs';
import { step } from './progress.mjs';

/** Compiles projects and what they depend on; what is up to date already is left as it is. */
export async function build(root, projects, { quiet = false } = {}) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const work = async () => {
    const { code, output } = await capture(process.execPath, [tsc, '-b', ...projects], { cwd: root });
    if (code !== 0) throw new Problem('The build failed.', 'What the compiler said stands above.', output);
  };
  await (quiet ? work() : step('Build', work));
}
