import type { Call, CallOptions, QueryValue } from './call.js';
import { AdminOperations } from './generated/admin-operations.js';
import { ProblemError, UnreachableError } from './problem-error.js';

export interface AdminClientOptions {
  /** Base URL of the admin API, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly token?: string;
  /** What the audit trail says of who asks, beside the token. */
  readonly actor?: string;
  /** Another `fetch`, for tests. */
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 30_000;

/**
 * The admin API as methods, one per operation. Works in Node and in browsers. A call rejects with `ProblemError` where the API says
 * no, with `UnreachableError` where nothing answers, and with the signal's reason where the caller gave up.
 */
export class AdminClient extends AdminOperations {
  readonly #options: AdminClientOptions;

  constructor(options: AdminClientOptions) {
    super();
    this.#options = options;
  }

  protected override async call<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const url = urlOf(this.#options.url, call);
    const response = await this.#fetch(url, call, options);
    const body = await readJson(response);
    if (!response.ok) throw new ProblemError(response.status, isObject(body) ? body : {});
    return body as T;
  }

  async #fetch(url: URL, { method, body, headers }: Call, { signal, timeoutMs = TIMEOUT_MS }: CallOptions) {
    const timeout = AbortSignal.timeout(timeoutMs);
    const request = this.#options.fetch ?? fetch;
    try {
      return await request(url, {
        method,
        headers: { ...this.#headers(), ...(body === undefined ? {} : JSON_HEADERS), ...definedOf(headers) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token belongs to this host only.
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw new UnreachableError(url.origin, timeout.aborted ? 'timeout' : codeOf(error), error);
    }
  }

  #headers(): Record<string, string> {
    const { token, actor } = this.#options;
    return {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(actor === undefined ? {} : { 'x-provisor-actor': actor }),
    };
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Path parameters are encoded so that a slash in an id stays in its segment. */
function urlOf(base: string, { path, params = {}, query = {} }: Call): URL {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
  const url = new URL(filled.slice(1), base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries(query))
    for (const item of listOf(value)) url.searchParams.append(name, item);
  return url;
}

function listOf(value: QueryValue): string[] {
  if (value === undefined) return [];
  return (typeof value === 'object' ? [...value] : [value]).map(String);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function definedOf(headers: Call['headers'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Node's fetch tells the reason in the cause, browsers not at all. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const errors = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  const code = errors.find(
    (item): item is { code: string } => isObject(item) && typeof item['code'] === 'string',
  )?.code;
  return code ?? 'no answer';
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
