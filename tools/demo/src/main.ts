import { mkdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { EmbeddedProblem, holdFolder } from '@provisor/embedded';
import { HELP, parseArguments, type DemoArguments } from './arguments.js';
import { Demo } from './demo.js';
import { verdict, type Figures } from './report/report.js';
import { Screen, seconds } from './terminal/screen.js';
import { SP_CONNECTION } from './world/configuration-file.js';
import { openState } from './world/demo-state.js';
import { checkRequirements } from './world/requirements.js';
import { WorldBuilder, type World } from './world/world.js';

/** npm and the terminal both pass one Ctrl-C on, so a second signal within this time means the first. */
const SAME_SIGNAL_MS = 1000;

const screen = new Screen(process.stdout);

void main();

async function main(): Promise<void> {
  const args = readArguments();
  const interrupted = new AbortController();
  watchSignals(interrupted);
  process.exit(await runDemo(args, interrupted.signal));
}

/** Everything from the first line to the last; gives the exit code. */
async function runDemo(args: DemoArguments, interrupted: AbortSignal): Promise<number> {
  const dir = resolve(args.dir);
  let world: WorldBuilder | undefined;
  let last = '';
  let code = 1;
  try {
    mkdirSync(dir, { recursive: true });
    await checkRequirements(dir);
    await holdFolder(dir, 'A demo');
    const { state, emptied } = await openState({ ...args, dir, adminPort: args.port });
    screen.heading(`Provisor: ${args.users} people, their groups, and a service provider that follows within moments`);
    if (emptied !== undefined) screen.line(`  Starting anew, ${emptied}.`);
    if (args.port === undefined && state.ports.admin !== 3000)
      screen.line(`  Port 3000 is in use, so the admin API is at port ${state.ports.admin}; --port chooses another.`);
    const started = performance.now();
    world = new WorldBuilder(dir, state, screen);
    const running = await orInterrupted(world.start(), interrupted);
    screen.line(`  ready after ${seconds(performance.now() - started)}`);
    const figures = await orFailed(
      new Demo({ world: running, state, screen, signal: interrupted }).show(),
      running,
      interrupted,
    );
    const equal = figures.comparison.differences.length === 0;
    last = args.once ? verdict(figures) : '';
    code = equal && figures.changes.every(({ latencyMs }) => latencyMs !== undefined) ? 0 : 1;
    showNext(running, figures);
    if (!args.once || args.keep) {
      screen.line('  Everything keeps running. Ctrl-C stops it.');
      await orFailed(until(interrupted), running, interrupted);
    }
  } catch (error) {
    if (!interrupted.aborted) screen.line(`\n${screen.bad(sentence(error))}`);
    code = interrupted.aborted && !args.once ? 0 : 1;
  }
  if (world !== undefined)
    await screen.step('Stopping', () => world?.stop() ?? Promise.resolve()).catch(() => undefined);
  if (last !== '') process.stdout.write(`${last}\n`);
  return code;
}

function showNext(world: World, { comparison, initialLoadSeconds }: Figures): void {
  const { adminUrl, adminTokenFile, providerUrl, directory, configFile } = world;
  screen.heading('What to try next');
  screen.line(`  ${Math.round(comparison.users / initialLoadSeconds)} accounts/s in the initial load.`);
  screen.line();
  screen.line(`  admin API          ${adminUrl}/v1/openapi.json (token in ${relative(process.cwd(), adminTokenFile)})`);
  screen.line(`  metrics            ${adminUrl}/metrics`);
  screen.line(`  health             ${adminUrl}/health/ready`);
  screen.line(`  service provider   ${providerUrl}/Users`);
  screen.line(`  directory          ${directory.url} as "${directory.bindDn}"`);
  screen.line();
  screen.line(`  export PROVISOR_URL=${adminUrl} PROVISOR_TOKEN_FILE=${relative(process.cwd(), adminTokenFile)}`);
  screen.line('  npx provisor status');
  screen.line(`  npx provisor timeline ${SP_CONNECTION} u1010`);
  screen.line('  npx provisor results -f');
  screen.line(`  npx provisor diff -f ${relative(process.cwd(), configFile)}     # after a change to the file`);
  screen.line();
}

function readArguments(): DemoArguments {
  try {
    const args = parseArguments(process.argv.slice(2));
    if (!args.help) return args;
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

/** The first signal stops in order, a later second one at once: the children end with their parent. */
function watchSignals(interrupted: AbortController): void {
  let first = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (first !== 0 && now - first > SAME_SIGNAL_MS) process.exit(130);
    if (first === 0) first = now;
    interrupted.abort(new Error('Interrupted.'));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
}

const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(new Error('Interrupted.'));
    signal.addEventListener('abort', () => reject(new Error('Interrupted.')));
  });

const orInterrupted = <T>(work: Promise<T>, interrupted: AbortSignal): Promise<T> =>
  Promise.race([work, until(interrupted)]);

function orFailed<T>(work: Promise<T>, world: World, interrupted: AbortSignal): Promise<T> {
  const failed = world.failed.then((reason) => Promise.reject(new Error(reason)));
  return Promise.race([work, until(interrupted), failed]);
}

function sentence(error: unknown): string {
  if (error instanceof EmbeddedProblem) return error.sentence;
  if (error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== '')
    return error.stderr.trim();
  return error instanceof Error ? error.message : String(error);
}
