import type { ScimCode } from '../codes.js';

/** What a target answered. Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: unknown;
}

/** Why there is no answer. `sent`: the request may have reached the target. */
export interface HttpFailure {
  readonly failure: ScimCode;
  readonly cause: string;
  readonly sent: boolean;
}

export type HttpResult = HttpAnswer | HttpFailure;

export const isFailure = (result: HttpResult): result is HttpFailure => 'failure' in result;
