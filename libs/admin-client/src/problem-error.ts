/** One mistake in a request, as the API tells it. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly detail: string;
  readonly expected?: string;
}

/** The API refused a request: problem details (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  readonly errors: readonly ProblemDetail[];

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const title = text(problem['title']) ?? `Status ${status}`;
    const detail = text(problem['detail']) ?? title;
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.code = text(problem['code']);
    this.requestId = text(problem['requestId']);
    this.errors = Array.isArray(problem['errors']) ? (problem['errors'] as ProblemDetail[]) : [];
  }
}

/** No answer came: the API cannot be reached, or took too long. */
export class UnreachableError extends Error {
  readonly url: string;
  /** `ECONNREFUSED`, `ENOTFOUND`, `timeout`, …; for programs. */
  readonly code: string;

  constructor(url: string, code: string, cause: unknown) {
    super(`${url} cannot be reached (${code}).`, { cause });
    this.name = 'UnreachableError';
    this.url = url;
    this.code = code;
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
