import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { QueryProblem } from '@provisor/persistence';
import type { Logger } from '@provisor/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestIdOf } from './caller.js';
import type { HttpMethod } from './endpoint.js';
import { notFound, Problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/** Turns whatever a request ends with into problem details; what is not meant for clients goes to the log only. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #methodsOf: (path: string) => readonly HttpMethod[];
  readonly #log: Logger;

  /** `methodsOf` tells what methods a path has; none where there is no such path. */
  constructor(methodsOf: (path: string) => readonly HttpMethod[], log: Logger) {
    this.#methodsOf = methodsOf;
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = this.#problemOf(error, request);
    if (problem.status >= 500)
      this.#log.error('A request failed.', { err: error, requestId: requestIdOf(request), url: request.url });
    sendProblem(request, http.getResponse<FastifyReply>(), problem);
  }

  #problemOf(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof Problem) return error;
    if (isPassing(error)) return unavailable(error);
    const status = statusOf(error);
    if (status === 404) return this.#noRoute(request);
    return (status === undefined ? undefined : CLIENT_PROBLEMS[status]?.(error)) ?? unexpected(error);
  }

  #noRoute(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = this.#methodsOf(path);
    if (methods.length === 0) return notFound(`There is no ${path}.`);
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    const detail = `${path} has no ${request.method}; it has ${allow}.`;
    return new Problem(405, 'method-not-allowed', { detail, headers: { allow } });
  }
}

const CLIENT_PROBLEMS: Readonly<Record<number, (error: unknown) => Problem>> = {
  400: (error) => new Problem(400, 'invalid-request', { detail: malformed(error) }),
  413: () =>
    new Problem(413, 'content-too-large', { detail: 'The body is larger than this API accepts; send it in parts.' }),
  415: () =>
    new Problem(415, 'unsupported-media-type', {
      detail: 'The body has to be application/json.',
      headers: { accept: 'application/json' },
    }),
};

function malformed(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /json/i.test(message) ? 'The body is not valid JSON.' : 'The request is malformed.';
}

const unexpected = (cause: unknown) =>
  new Problem(500, 'internal', {
    detail: 'Something went wrong that is not the fault of the request; the log has it under this request id.',
    cause,
  });

const unavailable = (cause: unknown) =>
  new Problem(503, 'unavailable', {
    detail: 'The database does not answer; try again in a moment.',
    headers: { 'retry-after': '5' },
    cause,
  });

/** A trouble of the database that passes. */
const isPassing = (error: unknown) => error instanceof QueryProblem && error.transient;

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return undefined;
}
