/** What a command sees of the process that it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard output is a person's terminal. */
  readonly interactive: boolean;
  /** Aborts when the person interrupts the command. */
  readonly interrupted: AbortSignal;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
}

/** Colours for a terminal that wants them: a person's, without NO_COLOR (no-color.org). */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export function paintFor(terminal: Pick<Terminal, 'env' | 'interactive'>): Paint {
  const { NO_COLOR, TERM } = terminal.env;
  const on = terminal.interactive && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
  const style = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}
