import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Endpoint, HttpMethod } from './endpoint.js';
import { readInput } from './read-input.js';

/** Metadata key under which a handler's endpoint is found. */
export const ENDPOINT = Symbol('endpoint');

const METHODS: Readonly<Record<HttpMethod, RequestMethod>> = {
  GET: RequestMethod.GET,
  PUT: RequestMethod.PUT,
  POST: RequestMethod.POST,
  DELETE: RequestMethod.DELETE,
};

/** Makes a controller method the handler of an endpoint. */
export function Route(endpoint: Endpoint): MethodDecorator {
  return applyDecorators(
    RequestMapping({ path: endpoint.path.replace(/\{(\w+)\}/g, ':$1'), method: METHODS[endpoint.method] }),
    HttpCode(endpoint.answer.status),
    SetMetadata(ENDPOINT, endpoint),
  );
}

/** The checked input of an endpoint's handler. */
export const Input = createParamDecorator((endpoint: Endpoint, context: ExecutionContext) =>
  readInput(endpoint, context.switchToHttp().getRequest<FastifyRequest>()),
);
