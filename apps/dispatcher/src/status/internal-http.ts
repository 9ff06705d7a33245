import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE, problemDetails, type RequestHandler } from '@provisor/host';
import type { Logger } from '@provisor/telemetry';
import type { HoldReport } from './hold-report.js';
import type { ReconciliationReport } from './reconciliation-report.js';
import type { StatusReport } from './status-report.js';

export const INTERNAL_PREFIX = '/internal';
const CONNECTIONS = /^\/internal\/sp-connections$/;
const HOLDS = /^\/internal\/sp-connections\/([^/]+)\/holds$/;
const RECONCILIATIONS = /^\/internal\/sp-connections\/([^/]+)\/reconciliations$/;
const OBJECT = /^\/internal\/sp-connections\/([^/]+)\/objects\/([^/]+)$/;

export interface InternalHttpOptions {
  readonly report: Pick<StatusReport, 'connections' | 'object'>;
  readonly holds: Pick<HoldReport, 'list'>;
  readonly reconciliations: Pick<ReconciliationReport, 'list'>;
  /** Absent only where nobody but this machine can reach the port. */
  readonly token: string | undefined;
  readonly log: Logger;
}

/**
 * The dispatcher's read-only answers to the other services: `GET /internal/sp-connections`,
 * `GET /internal/sp-connections/<name>/holds`, `…/reconciliations` and `GET /internal/sp-connections/<name>/objects/<objectId>`.
 */
export function internalHttp(options: InternalHttpOptions): RequestHandler {
  return (request, response) => {
    answer(request, options)
      .catch((error: unknown) => {
        options.log.error('A question about the state could not be answered', { err: error });
        return refusal(500);
      })
      .then(
        (reply) => send(response, reply),
        () => response.destroy(),
      );
  };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(request: IncomingMessage, options: InternalHttpOptions): Promise<Reply> {
  const { token } = options;
  if (token !== undefined && !carries(request, token))
    return { ...refusal(401), headers: { 'www-authenticate': 'Bearer' } };
  if (request.method !== 'GET') return { ...refusal(405), headers: { allow: 'GET' } };
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return answerTo(path, query, options);
}

async function answerTo(
  path: string,
  query: string,
  { report, holds, reconciliations }: InternalHttpOptions,
): Promise<Reply> {
  if (CONNECTIONS.test(path)) return found(await report.connections());
  const [, ofHolds] = HOLDS.exec(path) ?? [];
  if (ofHolds !== undefined) return foundOr404(await holds.list(ofHolds, new URLSearchParams(query)));
  const [, reconciled] = RECONCILIATIONS.exec(path) ?? [];
  if (reconciled !== undefined) return found(await reconciliations.list(reconciled, new URLSearchParams(query)));
  const [, spConnection, objectId] = OBJECT.exec(path) ?? [];
  if (spConnection === undefined || objectId === undefined) return refusal(404);
  const names = decoded(spConnection, objectId);
  const object = names === undefined ? undefined : await report.object(...names);
  return foundOr404(object);
}

function decoded(...parts: [string, string]): [string, string] | undefined {
  try {
    return [decodeURIComponent(parts[0]), decodeURIComponent(parts[1])];
  } catch {
    return undefined;
  }
}

/** Compared by hash, so that neither content nor length of the token can be learnt from the time it takes. */
function carries(request: IncomingMessage, token: string): boolean {
  const [scheme, credentials] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'bearer' || credentials === undefined) return false;
  return timingSafeEqual(digest(credentials), digest(token));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const found = (body: unknown): Reply => ({ status: 200, type: 'application/json', body });
const foundOr404 = (body: unknown): Reply => (body === undefined ? refusal(404) : found(body));
const refusal = (status: number): Reply => ({ status, type: PROBLEM_MEDIA_TYPE, body: problemDetails(status) });

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}
