import type { CallContext, CallOutcome } from '@provisor/provisioning';
import { classifyAnswer, classifyFailure } from '../http/classify-answer.js';
import { isFailure } from '../http/http-answer.js';
import type { ScimHttp } from '../http/scim-http.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import type { DiscoveryDocuments } from './read-discovery.js';

export type DiscoverAnswer =
  | { readonly kind: 'documents'; readonly documents: DiscoveryDocuments; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly outcome: CallOutcome };

/**
 * Reads what the target says about itself. A document that is missing, forbidden or not JSON is not there, and the profile
 * speaks alone; refused credentials and a target out of reach are failures.
 */
export async function discover(
  http: ScimHttp,
  profile: VendorProfile,
  context: CallContext,
  now: number,
): Promise<DiscoverAnswer> {
  const documents: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [name, path] of [
    ['serviceProviderConfig', profile.discovery.path],
    ['resourceTypes', '/ResourceTypes'],
    ['schemas', '/Schemas'],
  ] as const) {
    const result = await http.request({ method: 'GET', path, route: path }, context);
    if (isFailure(result)) return { kind: 'failed', outcome: classifyFailure(result, 'discover') };
    if (result.status === 200 && typeof result.json === 'object' && result.json !== null) {
      documents[name] = result.json;
    } else if (isFatal(result.status)) {
      const { outcome } = classifyAnswer(result, { operation: 'discover', errors: profile.errors, now });
      return { kind: 'failed', outcome };
    } else {
      missing.push(`${path}: HTTP ${result.status}`);
    }
  }
  return { kind: 'documents', documents, missing };
}

/** 501 and the other 4xx say that the document is not offered. */
const isFatal = (status: number): boolean =>
  status === 401 || status === 429 || (status >= 300 && status < 400) || (status >= 500 && status !== 501);
