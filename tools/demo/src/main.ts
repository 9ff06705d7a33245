import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { holdFolder, inWords } from '@provisor/embedded';
import { HELP, parseArguments, type DemoArguments } from './arguments.js';
import { Demo } from './demo.js';
import { percentile } from './changes/percentile.js';
import { verdict, type Figures } from './report/report.js';
import { fromHere } from './terminal/from-here.js';
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
    showSummary(figures);
    showNext(running);
    if (!args.once || args.keep) {
      screen.line('  Everything keeps running. Ctrl-C stops it.');
      await orFailed(until(interrupted), running, interrupted);
    }
  } catch (error) {
    if (!interrupted.aborted) screen.line(`\n${screen.bad(sentence(error))}`);
    // Ctrl-C is how a demo that keeps running is meant to end.
    if (!interrupted.aborted) code = 1;
    else if (!args.once) code = 0;
  }
  if (world !== undefined)
    await screen.step('Stopping', () => world?.stop() ?? Promise.resolve()).catch(() => undefined);
  if (last !== '') process.stdout.write(`${last}\n`);
  return code;
}

function showSummary({ comparison, initialLoadSeconds, changes, failed }: Figures): void {
  const latencies = changes.flatMap(({ latencyMs }) => latencyMs ?? []);
  const ms = (percent: number): string => `${Math.round(percentile(latencies, percent) ?? 0)} ms`;
  const equal = comparison.differences.length === 0;
  screen.heading('Summary');
  const rows = [
    ['accounts', comparison.users],
    ['groups', comparison.groups],
    ['memberships', comparison.memberships],
    ['initial load', seconds(initialLoadSeconds * 1000)],
    ['changes seen', `${latencies.length} of ${changes.length}`],
    ['directory to 2xx at service provider', `median ${ms(50)}, p99 ${ms(99)}`],
    ['failed', failed],
    ['service provider equals directory', equal ? screen.good('yes') : screen.bad('no')],
  ] as const;
  for (const [name, value] of rows) screen.line(`  ${name.padEnd(38)} ${value}`);
}

function showNext(world: World): void {
  const { adminUrl, adminTokenFile, providerUrl, directory, configFile } = world;
  screen.heading('What to try next');
  screen.line(`  admin API          ${adminUrl}/v1/openapi.json (token in ${fromHere(adminTokenFile)})`);
  screen.line(`  metrics            ${adminUrl}/metrics`);
  screen.line(`  health             ${adminUrl}/health/ready`);
  screen.line(`  service provider   ${providerUrl}/Users`);
  screen.line(`  directory          ${directory.url} as "${directory.bindDn}"`);
  screen.line();
  screen.line(`  export PROVISOR_URL=${adminUrl} PROVISOR_TOKEN_FILE=${fromHere(adminTokenFile)}`);
  screen.line('  npx provisor status');
  screen.line(`  npx provisor timeline ${SP_CONNECTION} u1001`);
  screen.line('  npx provisor results -f');
  screen.line(`  npx provisor diff -f ${fromHere(configFile)}     # after a change to the file`);
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
  if (error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== '')
    return error.stderr.trim();
  return inWords(error);
}
