import process from 'node:process';
import { text } from 'node:stream/consumers';
import { run } from './program.js';
import type { Terminal } from './terminal.js';

const interruption = new AbortController();
/** The second interruption ends the process at once. */
process.once('SIGINT', () => {
  interruption.abort();
  process.once('SIGINT', () => process.exit(130));
});

// A reader that has seen enough (`provisor results | head`) is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

const terminal: Terminal = {
  env: process.env,
  cwd: process.cwd(),
  interactive: process.stdout.isTTY,
  interrupted: interruption.signal,
  out: (content) => void process.stdout.write(content),
  err: (content) => void process.stderr.write(content),
  readInput: () => text(process.stdin),
};

process.exitCode = await run(process.argv.slice(2), terminal);
