import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BearerToken } from './bearer-token.js';
import { requestIdOf } from './caller.js';
import type { FailedAttempts } from './failed-attempts.js';
import { Problem } from './problem.js';
import { sendProblem } from './send-problem.js';

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export interface GateOptions {
  readonly token: BearerToken;
  readonly attempts: FailedAttempts;
  readonly now: () => number;
  /** Paths under the prefix that anybody may read. */
  readonly open: readonly string[];
}

const PREFIX = '/v1';

/**
 * Stands before everything under /v1: gives the request its id, sets the security headers and lets only the bearer of the token
 * through, before a body is read or it is said whether a path exists.
 */
export function installRequestGate(server: FastifyInstance, options: GateOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) return;
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': requestIdOf(request) });
    if (!options.open.includes(path)) authenticate(request, reply, options);
  });
}

function authenticate(request: FastifyRequest, reply: FastifyReply, { token, attempts, now }: GateOptions): void {
  const waitMs = attempts.waitMs(request.ip, now());
  if (waitMs > 0) return sendProblem(request, reply, tooManyAttempts(waitMs));
  if (token.accepts(request.headers.authorization)) return;
  if (request.headers.authorization !== undefined) attempts.failed(request.ip, now());
  sendProblem(request, reply, unauthorized(request.headers.authorization !== undefined));
}

const unauthorized = (presented: boolean) =>
  new Problem(401, 'unauthorized', {
    detail: presented ? 'The bearer token is not the right one.' : 'The request carries no bearer token.',
    headers: { 'www-authenticate': presented ? 'Bearer error="invalid_token"' : 'Bearer' },
  });

const tooManyAttempts = (waitMs: number) =>
  new Problem(429, 'too-many-attempts', {
    detail: 'Too many requests with a wrong token came from this address; wait before the next one.',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  });
