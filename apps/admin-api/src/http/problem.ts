import { problemDetails, type ProblemDetails } from '@provisor/host';

/** One mistake in a request: where, what, and what would have been right. */
export interface ProblemError {
  /** JSON pointer (RFC 6901) into the body, for example `/documents/0/spec/type`. */
  readonly pointer?: string;
  /** Name of a path or query parameter. */
  readonly parameter?: string;
  readonly detail: string;
  readonly expected?: string;
}

/** Thrown by handlers and answered as problem details (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    o: {
      detail: string;
      errors?: readonly ProblemError[];
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    },
  ) {
    super(o.detail, o.cause === undefined ? undefined : { cause: o.cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = o.errors ?? [];
    this.headers = o.headers ?? {};
  }

  details(requestId: string): Omit<ProblemDetails, 'errors'> & { requestId: string; errors?: readonly ProblemError[] } {
    return {
      ...problemDetails(this.status, { detail: this.message, code: this.code }),
      requestId,
      ...(this.errors.length === 0 ? {} : { errors: this.errors }),
    };
  }
}

export const notFound = (detail: string) => new Problem(404, 'not-found', { detail });

export const conflict = (detail: string) => new Problem(409, 'conflict', { detail });

export const preconditionFailed = (detail: string) => new Problem(412, 'changed-meanwhile', { detail });

/** Those who could know do not answer now. */
export const unavailable = (detail: string) => new Problem(503, 'unavailable', { detail });

/** A parameter or the form of a request is wrong. */
export const invalidRequest = (errors: readonly ProblemError[]) =>
  new Problem(400, 'invalid-request', { detail: summary('The request', errors), errors });

/** The content of a request is wrong. */
export const invalidContent = (errors: readonly ProblemError[]) =>
  new Problem(422, 'invalid-content', { detail: summary('The content', errors), errors });

function summary(what: string, errors: readonly ProblemError[]): string {
  const first = errors[0];
  if (!first) return `${what} is not valid.`;
  const place = first.pointer ?? first.parameter;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  return `${what} is not valid${place === undefined ? '' : ` at ${place}`}: ${first.detail}${more}`;
}
