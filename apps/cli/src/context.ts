import type { AdminClient } from '@provisor/admin-client';
import type { Command } from 'commander';
import { connect, type ConnectionOptions } from './connect.js';
import type { Format } from './output/print.js';
import { paintFor, type Paint, type Terminal } from './terminal.js';

export interface GlobalOptions extends ConnectionOptions {
  readonly output: Format;
}

/** What the action of a command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly format: Format;
  readonly paint: Paint;
  /** Connects when it is first asked for: commands that work offline need no URL. */
  readonly client: () => AdminClient;
  /** Sets the exit code of a command that did what it was asked to. */
  readonly finish: (code: number) => void;
}

/** Adds commands to the program. */
export type CommandGroup = (program: Command, contextOf: (command: Command) => Context) => void;

export function createContext(terminal: Terminal, options: GlobalOptions, finish: (code: number) => void): Context {
  let client: AdminClient | undefined;
  return {
    terminal,
    format: options.output,
    paint: paintFor(terminal),
    client: () => (client ??= connect(terminal, options)),
    finish,
  };
}
