import type { HttpAnswer } from '../http/http-answer.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { versionOf } from '../resource/read-resource.js';

/**
 * The version to guard the next write with. The ETag header alone means nothing where the target does not speak of versions:
 * web frameworks add hashes of the body by themselves.
 */
export function versionFrom({ headers, json }: HttpAnswer, { etag }: VendorProfile): string | undefined {
  return versionOf(json) ?? (etag === 'ifMatch' ? headers.etag : undefined);
}
