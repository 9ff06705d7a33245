import type { z } from 'zod';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';
/** Statuses of the problems that an endpoint may answer besides those that every endpoint may (400, 401, 429, 500, 503). */
export type ProblemStatus = 404 | 409 | 412 | 413 | 415 | 422;

/**
 * One operation of the API: what it takes, what it answers. The same schema values check requests and make the OpenAPI document,
 * so that the two cannot differ.
 */
export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
> {
  readonly id: string;
  readonly method: HttpMethod;
  /** With parameters in braces, for example `/v1/secrets/{name}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The endpoint honours If-Match and If-None-Match: *. */
  readonly conditional?: boolean;
  /** Answered without authentication. */
  readonly open?: boolean;
  readonly answer: { readonly status: 200 | 202 | 204; readonly description: string; readonly schema?: z.ZodType };
  readonly problems?: readonly ProblemStatus[];
}

/** What a handler gets: everything checked. */
export interface EndpointInput<E extends Endpoint> {
  readonly params: E['params'] extends z.ZodType ? z.infer<E['params']> : Record<string, never>;
  readonly query: E['query'] extends z.ZodType ? z.infer<E['query']> : Record<string, never>;
  readonly body: E['body'] extends z.ZodType ? z.infer<E['body']> : undefined;
  readonly condition: Precondition;
  readonly caller: Caller;
}

/** What must be true of the stored document for the request to go on. */
export type Precondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'versions'; readonly versions: readonly string[] };

/** Who asks, as far as it is known. */
export interface Caller {
  /** The token's name, with what the client says of itself in `X-Provisor-Actor`. */
  readonly actor: string;
  readonly requestId: string;
}

export function defineEndpoint<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  E extends Endpoint<Params, Query, Body>,
>(endpoint: E & Endpoint<Params, Query, Body>): E {
  return endpoint;
}
