import type { FastifyReply } from 'fastify';

/** RFC 9457 problem details, with `code` and `errors` as extension members. */
export interface ProblemDetails {
  /** URI reference of the kind of problem; `about:blank` if the status says it all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What went wrong this time, in words for the caller. */
  readonly detail?: string;
  readonly instance?: string;
  /** Stable, for programs. */
  readonly code?: string;
  /** JSON pointer (RFC 6901) and message of each bad field. */
  readonly errors?: readonly FieldProblem[];
}

export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A problem of a status; `title` is that of the status (RFC 9110) unless given. */
export function problemDetails(status: number, members: Partial<Omit<ProblemDetails, 'status'>> = {}): ProblemDetails {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, ...members };
}

export async function sendProblem(reply: FastifyReply, problem: ProblemDetails): Promise<void> {
  await reply.status(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(problem);
}

/** The parts of a validation error (zod's have them) as field problems. */
export function fieldProblems(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): FieldProblem[] {
  return issues.map(({ path, message }) => ({ pointer: jsonPointer(path), detail: message }));
}

/** RFC 6901, section 3: `~` is `~0` and `/` is `~1`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
