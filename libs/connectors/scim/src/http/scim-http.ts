import { context as otel, ROOT_CONTEXT } from '@opentelemetry/api';
import { withSpan } from '@provisor/telemetry';
import type { CallContext } from '@provisor/provisioning';
import { Pool, type Dispatcher } from 'undici';
import type { Credentials } from './credentials.js';
import { guardedLookup, isPublicAddress } from './address-guard.js';
import { readAnswer } from './read-answer.js';
import { isFailure, type HttpAnswer, type HttpFailure, type HttpResult } from './http-answer.js';

export interface ScimHttpOptions {
  readonly baseUrl: string;
  /** Milliseconds for one request, from its start to the last byte of its answer. */
  readonly timeoutMs: number;
  readonly allowInsecure: boolean;
  /** Most sockets to the target. */
  readonly connections: number;
  readonly credentials: Credentials;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly media: 'scim+json' | 'json';
  /** Bytes of one answer. */
  readonly maxAnswerBytes: number;
}

export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, percent-encoded. */
  readonly path: string;
  /** For spans: the path without ids. */
  readonly route: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
}

const MAX_REDIRECTS = 3;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/** HTTP to one service provider: one pool, its credentials, its limits. Expected trouble is a value, never an exception. */
export class ScimHttp {
  readonly #options: ScimHttpOptions;
  readonly #base: URL;
  readonly #basePath: string;
  readonly #baseQuery: string;
  readonly #pool: Pool | undefined;
  readonly #refusal: HttpFailure | undefined;
  #media: 'scim+json' | 'json';

  constructor(options: ScimHttpOptions) {
    this.#options = options;
    this.#base = new URL(options.baseUrl);
    this.#basePath = this.#base.pathname.replace(/\/+$/, '');
    this.#baseQuery = joinQuery(this.#base.search.slice(1), encodeQuery(options.query));
    this.#media = options.media;
    this.#refusal = refusalOf(this.#base, options.allowInsecure);
    this.#pool = this.#refusal === undefined ? newPool(this.#base, options) : undefined;
  }

  /** The target does not take the media type in use: use the other one. False if that was done before. */
  switchMedia(): boolean {
    if (this.#media !== this.#options.media) return false;
    this.#media = this.#media === 'json' ? 'scim+json' : 'json';
    return true;
  }

  /** Waits for the budget, sends, and follows redirects of a GET within the same origin. */
  async request(request: ScimRequest, context: CallContext): Promise<HttpResult> {
    const result = await this.#authorized(request, this.#url(request), context);
    if (isFailure(result) || result.status !== 401 || !(await this.#options.credentials.renew())) return result;
    return this.#authorized(request, this.#url(request), context);
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  async #authorized(request: ScimRequest, url: string, context: CallContext): Promise<HttpResult> {
    let path = url;
    for (let hop = 0; ; hop += 1) {
      const result = await this.#send(request, path, context);
      const next = isFailure(result) ? undefined : this.#redirect(request, result, path);
      if (next === undefined || hop === MAX_REDIRECTS) return result;
      path = next;
    }
  }

  /** Where a redirect leads, if it may be followed: only reads, only to the origin that was configured. */
  #redirect({ method }: ScimRequest, { status, headers }: HttpAnswer, from: string): string | undefined {
    if (method !== 'GET' || headers.location === undefined || ![301, 302, 303, 307, 308].includes(status))
      return undefined;
    const base = new URL(from, this.#base);
    if (!URL.canParse(headers.location, base.href)) return undefined;
    const to = new URL(headers.location, base);
    return to.origin === this.#base.origin ? to.pathname + to.search : undefined;
  }

  #url({ path, query }: ScimRequest): string {
    const search = joinQuery(this.#baseQuery, encodeQuery(query));
    return this.#basePath + path + (search === '' ? '' : `?${search}`);
  }

  async #send(request: ScimRequest, path: string, context: CallContext): Promise<HttpResult> {
    const pool = this.#pool;
    if (pool === undefined) return this.#refusal ?? { failure: 'http.insecure', cause: 'refused', sent: false };
    const authorization = await this.#options.credentials.header();
    if (typeof authorization === 'object') return authorization;
    if (!(await acquired(request, context)))
      return { failure: 'http.aborted', cause: 'The call was given up.', sent: false };
    const options = {
      kind: 'client' as const,
      ...(context.traceparent === undefined ? {} : { parent: context.traceparent }),
      attributes: {
        'http.request.method': request.method,
        'url.template': request.route,
        'server.address': this.#base.hostname,
      },
    };
    return withSpan(`${request.method} ${request.route}`, options, async (span) => {
      const dispatch: Dispatcher.DispatchOptions = {
        method: request.method,
        path,
        headers: this.#headers(request, authorization, span.traceparent),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      };
      // This span is the client span of the request. Outside of it, an instrumentation of undici adds none of its own.
      const result = await otel.with(ROOT_CONTEXT, () =>
        readAnswer(pool, dispatch, {
          signal: context.signal,
          timeoutMs: this.#options.timeoutMs,
          maxBytes: this.#options.maxAnswerBytes,
        }),
      );
      if (isFailure(result)) span.set({ 'error.type': result.failure });
      else span.set({ 'http.response.status_code': result.status });
      return result;
    });
  }

  #headers(request: ScimRequest, authorization: string | undefined, traceparent: string): Record<string, string> {
    const media = this.#media === 'json' ? 'application/json' : 'application/scim+json';
    const headers: Record<string, string> = {
      accept: 'application/scim+json, application/json',
      traceparent,
      ...this.#options.headers,
    };
    if (authorization !== undefined) headers.authorization = authorization;
    if (request.body !== undefined) headers['content-type'] = media;
    if (request.ifMatch !== undefined) headers['if-match'] = request.ifMatch;
    return headers;
  }
}

/** False if the call was given up while it waited for the budget. */
async function acquired({ method }: ScimRequest, { acquire, signal }: CallContext): Promise<boolean> {
  try {
    await acquire(method === 'GET' ? 'read' : 'write');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

function refusalOf(base: URL, allowInsecure: boolean): HttpFailure | undefined {
  if (allowInsecure) return undefined;
  if (base.protocol !== 'https:')
    return { failure: 'http.insecure', cause: 'The base URL is plain http.', sent: false };
  const literal = /^[\d.]+$|^\[/.test(base.hostname);
  if (literal && !isPublicAddress(base.hostname)) {
    return { failure: 'http.private-address', cause: `${base.hostname} is not a public address.`, sent: false };
  }
  return undefined;
}

function newPool(base: URL, options: ScimHttpOptions): Pool {
  return new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: {
      timeout: Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs),
      ...(options.allowInsecure ? {} : { lookup: guardedLookup() }),
    },
  });
}

const encodeQuery = (query: Readonly<Record<string, string>> = {}): string =>
  Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');

const joinQuery = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('&');
