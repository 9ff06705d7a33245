import * as audit from './audit/audit.endpoints.js';
import * as control from './control/control.endpoints.js';
import * as deadLetters from './dead-letters/dead-letters.endpoints.js';
import * as documents from './documents/documents.endpoints.js';
import type { Endpoint, HttpMethod } from './http/endpoint.js';
import * as holds from './holds/holds.endpoints.js';
import * as explanation from './objects/explanation.endpoints.js';
import * as objects from './objects/objects.endpoints.js';
import * as quarantines from './quarantines/quarantines.endpoints.js';
import { getOpenApi } from './openapi/openapi.endpoint.js';
import * as reconciliations from './reconciliations/reconciliations.endpoints.js';
import * as results from './results/results.endpoints.js';
import * as secrets from './secrets/secrets.endpoints.js';
import * as status from './status/status.endpoints.js';

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'answer' in value;

/** Every endpoint of the API, in the order in which the OpenAPI document tells them. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...[
    documents,
    secrets,
    status,
    objects,
    explanation,
    quarantines,
    reconciliations,
    results,
    deadLetters,
    control,
    holds,
    audit,
  ].flatMap((group) => Object.values<unknown>(group).filter(isEndpoint)),
  getOpenApi,
];

const patterns = ENDPOINTS.map(({ path, method }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The methods that a path has; none where there is no such path. */
export function methodsOf(path: string): HttpMethod[] {
  return patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
