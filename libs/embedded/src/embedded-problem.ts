/** A component cannot be started. `message` is one sentence about what is wrong, `advice` one about what to do. */
export class EmbeddedProblem extends Error {
  override readonly name = 'EmbeddedProblem';
  readonly advice: string;

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }

  /** Both sentences. */
  get sentence(): string {
    return `${this.message} ${this.advice}`;
  }
}

/** What went wrong, for a person: with the advice, where there is one. */
export const inWords = (error: unknown): string =>
  error instanceof EmbeddedProblem ? error.sentence : error instanceof Error ? error.message : String(error);
