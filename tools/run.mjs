// The one entrance: `node tools/run.mjs <command> [arguments]`. Brings a fresh clone to the point where the command can run (pinned
// Node.js, packages, build), then runs it. Plain JavaScript for Node.js 20 without dependencies, because nothing else is there yet.
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './bootstrap/build.mjs';
import { installPackages } from './bootstrap/packages.mjs';
import { isNewEnough, pinnedNode, withNode } from './bootstrap/pinned-node.mjs';
import { Problem } from './bootstrap/problem.mjs';
import { handOver } from './bootstrap/processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const [command = '', ...args] = process.argv.slice(2);

/** Runs a module of ours in this process, as if Node.js had been started with it. */
const program = (file) => async () => {
  const path = join(root, file);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
};
const tool =
  (file, ...first) =>
  () =>
    handOver(process.execPath, [join(root, 'node_modules', file), ...first, ...args], { cwd: root });
const nx = (target) => tool('nx/dist/bin/nx.js', 'run-many', '-t', target);

const COMMANDS = {
  demo: { builds: ['tools/demo', 'apps/cli'], run: program('tools/demo/dist/main.js') },
  start: { builds: ['apps/standalone', 'apps/cli'], run: program('apps/standalone/dist/main.js') },
  // Everything, because the services are started as they are built.
  chaos: { builds: ['.'], run: program('tools/chaos/dist/main.js') },
  bench: { builds: ['tools/bench'], run: program('tools/bench/dist/main.js') },
  simulate: { builds: ['tools/simulate'], run: program('tools/simulate/dist/main.js') },
  'simulate:mutants': { builds: ['tools/simulate'], run: program('tools/simulate/dist/mutants/main.js') },
  provisor: { builds: ['apps/cli'], quiet: true, run: program('apps/cli/dist/main.js') },
  test: { builds: ['.'], run: program('tools/test/main.mjs') },
  'test:containers': { builds: ['.'], run: program('tools/test/containers.mjs') },
  build: { builds: ['.'], run: async () => undefined },
  lint: { builds: ['.'], run: nx('lint') },
  format: { builds: [], run: tool('prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.') },
  references: { builds: [], run: program('tools/workspace/references.mjs') },
};

async function main() {
  const chosen = COMMANDS[command];
  if (chosen === undefined) {
    throw new Problem(
      `There is no command ${JSON.stringify(command)}.`,
      `There are ${Object.keys(COMMANDS).join(', ')}.`,
    );
  }
  if (!isNewEnough()) {
    const node = await pinnedNode(root);
    process.exit(await handOver(node, process.argv.slice(1), { env: withNode(node) }));
  }
  process.env.NX_DAEMON = 'false';
  process.env.PATH = withNode(process.execPath).PATH;
  await installPackages(root);
  // What was compiled once need not be again, here and in the services that are started.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'compile');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  if (chosen.builds.length > 0) await build(root, chosen.builds, { quiet: chosen.quiet });
  const code = await chosen.run();
  if (code !== undefined) process.exitCode = code;
}

main().catch((error) => {
  if (!(error instanceof Problem)) throw error;
  if (error.output !== '') process.stderr.write(`${error.output.trimEnd()}\n\n`);
  process.stderr.write(`${error.message} ${error.advice}\n`);
  process.exit(1);
});
