/** One request, as the generated operations describe it. */
export interface Call {
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the call is given up; 30 s unless given. */
  readonly timeoutMs?: number;
}
