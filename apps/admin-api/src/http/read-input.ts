import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { callerOf } from './caller.js';
import type { Endpoint, EndpointInput, Precondition } from './endpoint.js';
import { invalidContent, invalidRequest, type ProblemError } from './problem.js';
import { problemErrors } from './problem-errors.js';

/** Checks a request against its endpoint. Throws a problem that names every mistake. */
export function readInput<E extends Endpoint>(endpoint: E, request: FastifyRequest): EndpointInput<E> {
  const params = readParameters(endpoint.params, request.params);
  const query = readParameters(endpoint.query, request.query);
  const condition = endpoint.conditional === true ? readPrecondition(request) : ({ kind: 'none' } as const);
  const body = readBody(endpoint.body, request.body);
  return { params, query, body, condition, caller: callerOf(request) } as EndpointInput<E>;
}

function readParameters(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidRequest(problemErrors(parsed.error.issues).map(toParameterError));
}

function toParameterError({ pointer, ...rest }: ProblemError): ProblemError {
  return { parameter: pointer?.slice(1) ?? '', ...rest };
}

function readBody(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidContent(problemErrors(parsed.error.issues));
}

/** If-Match and If-None-Match (RFC 9110 §13.1); weak tags never match. */
function readPrecondition(request: FastifyRequest): Precondition {
  if (request.headers['if-none-match']?.trim() === '*') return { kind: 'absent' };
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return { kind: 'none' };
  const versions = [...header.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, tag]) =>
    weak === undefined && tag !== undefined ? [tag] : [],
  );
  return { kind: 'versions', versions };
}
