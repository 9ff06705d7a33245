import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './endpoint.js';

const ids = new WeakMap<object, string>();
const ID = /^[\w.:-]{1,100}$/;

/** The request's id: the client's `X-Request-Id` where it has a sane form, a fresh one otherwise. */
export function requestIdOf(request: FastifyRequest): string {
  const known = ids.get(request.raw);
  if (known !== undefined) return known;
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && ID.test(given) ? given : randomUUID();
  ids.set(request.raw, id);
  return id;
}

/** There is one token, so what the client says of itself is a claim and recorded as such. */
export function callerOf(request: FastifyRequest): Caller {
  const claim = request.headers['x-provisor-actor'];
  const name =
    typeof claim === 'string'
      ? claim
          .replace(/[^\p{L}\p{N} .@_+-]/gu, '')
          .trim()
          .slice(0, 80)
      : '';
  return { actor: name === '' ? 'admin token' : `${name} (admin token)`, requestId: requestIdOf(request) };
}
