import { PROBLEM_MEDIA_TYPE } from '@provisor/host';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestIdOf } from './caller.js';
import type { Problem } from './problem.js';

/** Answers with problem details (RFC 9457). */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  void reply
    .code(problem.status)
    .headers({ ...problem.headers, 'x-request-id': requestIdOf(request), 'content-type': PROBLEM_MEDIA_TYPE })
    // As bytes: the media type has no charset parameter, and Fastify would add one to text.
    .send(Buffer.from(JSON.stringify(problem.details(requestIdOf(request)))));
}
