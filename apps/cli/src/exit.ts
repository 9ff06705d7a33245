/** Exit codes: part of the interface, never changed. */
export const EXIT = {
  ok: 0,
  /** The API, or a check, said no. */
  failed: 1,
  usage: 2,
  /** The API cannot be reached, or does not accept the token. */
  unreachable: 3,
  /** `diff` found differences. */
  differences: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence for the person who called it. */
export class CommandError extends Error {
  readonly code: ExitCode;
  /** Further lines, for example one per mistake in a file. */
  readonly lines: readonly string[];

  constructor(code: ExitCode, message: string, lines: readonly string[] = []) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.lines = lines;
  }
}
