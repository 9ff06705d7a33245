import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger, type RequestHandler } from '@provisor/host';
import type { Logger } from '@provisor/telemetry';
import type { FastifyInstance } from 'fastify';
import { AdminApiModule } from './admin-api.module.js';
import type { AdminApiParts } from './admin-api.parts.js';
import { ENDPOINTS, methodsOf } from './endpoints.js';
import { BearerToken } from './http/bearer-token.js';
import { FailedAttempts } from './http/failed-attempts.js';
import { ProblemFilter } from './http/problem.filter.js';
import { installRequestGate } from './http/request-gate.js';

/** Largest request body in bytes: a few large documents, or very many usual ones. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** An object id has up to 512 characters and a dead letter's id up to 400. */
const MAX_PARAMETER_LENGTH = 1024;

/** The API as a Nest application that does not listen by itself: `requestHandler` answers once it is initialised. */
export async function createHttpApp(o: {
  parts: AdminApiParts;
  token: string;
  log: Logger;
  now: () => number;
  attempts?: FailedAttempts;
}): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AdminApiModule.with(o.parts), adapter, {
    logger: new NestLogger(o.log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(methodsOf, o.log));
  installRequestGate(serverOf(app), {
    token: new BearerToken(o.token),
    attempts: o.attempts ?? new FailedAttempts(),
    now: o.now,
    open: ENDPOINTS.filter(({ open }) => open === true).map(({ path }) => path),
  });
  return app;
}

/** Answers requests without a server of the application's own. The application is initialised. */
export async function requestHandler(app: NestFastifyApplication): Promise<RequestHandler> {
  const server = serverOf(app);
  await server.ready();
  return (request, response) => server.routing(request, response);
}

const serverOf = (app: NestFastifyApplication): FastifyInstance => app.getHttpAdapter().getInstance();
