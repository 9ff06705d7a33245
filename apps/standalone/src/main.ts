import { EmbeddedProblem } from '@provisor/embedded';
import { ConfigurationRefused } from './apply-configuration.js';
import { HELP, parseArguments, type StandaloneArguments } from './arguments.js';
import { startStandalone, type Standalone } from './standalone.js';

/** npm and the terminal both pass one Ctrl-C on, so a second signal within this time means the first. */
const SAME_SIGNAL_MS = 1000;

let standalone: Standalone | undefined;
let stopping: Promise<void> | undefined;
let signalledAt = 0;

void main();

async function main(): Promise<void> {
  const args = readArguments();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    standalone = await startStandalone(args, process.env, (error) => {
      say(`It cannot go on: ${sentence(error)}`);
      void stop(1);
    });
    if (stopping === undefined) process.stdout.write(`${standalone.summary}\n`);
  } catch (error) {
    say(sentence(error));
    process.exit(1);
  }
}

function readArguments(): StandaloneArguments {
  try {
    const args = parseArguments(process.argv.slice(2));
    if (!args.help) return args;
    process.stdout.write(HELP);
    process.exit(0);
  } catch (error) {
    say(`${sentence(error)}\n\n${HELP}`);
    process.exit(2);
  }
}

function onSignal(): void {
  const now = performance.now();
  if (signalledAt !== 0 && now - signalledAt > SAME_SIGNAL_MS) process.exit(130);
  if (signalledAt === 0) signalledAt = now;
  // Before everything has started there is nothing in flight; children end with this process.
  if (standalone === undefined) process.exit(130);
  if (stopping !== undefined) return;
  process.stdout.write('Stopping…\n');
  void stop(0);
}

function stop(code: number): Promise<void> {
  stopping ??= (standalone?.stop() ?? Promise.resolve()).then(
    () => process.exit(code),
    (error: unknown) => {
      say(sentence(error));
      process.exit(1);
    },
  );
  return stopping;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function sentence(error: unknown): string {
  if (error instanceof EmbeddedProblem) return error.sentence;
  if (error instanceof ConfigurationRefused) return `The configuration was not accepted.\n${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
