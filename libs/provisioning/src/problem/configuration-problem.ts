/** One thing that is wrong with a configuration document. */
export interface ConfigurationFault {
  /** Where in the document, for example `spec.channels[0].users.filter`. */
  readonly path: string;
  /** What is wrong, in words. */
  readonly message: string;
  /** What would be right. */
  readonly expected: string;
}

/**
 * A document that fits its schema but cannot be used. Carries everything that was found; `path`, `message` and `expected` are
 * those of the first fault.
 */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem';
  readonly code = 'configuration.invalid';
  readonly path: string;
  readonly expected: string;
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly [ConfigurationFault, ...ConfigurationFault[]], options?: ErrorOptions) {
    super(faults[0].message, options);
    this.path = faults[0].path;
    this.expected = faults[0].expected;
    this.faults = faults;
  }
}
