import type { ObjectType, TargetAttributes } from '@provisor/contracts';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { isRecord, type Json } from '../resource/json.js';
import { readAt } from '../resource/read-resource.js';
import { parseTargetPath } from '../resource/target-path.js';
import { resourceOf } from '../scim-session.js';

/** Attributes whose values differ by case (RFC 7643 §4.1 and §3.1: the others are `caseExact: false`). */
const CASE_EXACT = new Set(['id', 'externalId']);

export interface MatchValue {
  readonly attribute: string;
  readonly value: string;
}

/** What an existing account is searched by, strongest first: the attributes of the profile that have a value here. */
export function matchValues(
  profile: VendorProfile,
  request: { readonly objectType: ObjectType; readonly objectId: string; readonly attributes: TargetAttributes },
): MatchValue[] {
  return resourceOf(profile, request.objectType).match.flatMap((attribute) => {
    const value =
      request.attributes[attribute] ??
      (attribute === 'externalId' ? request.objectId : fromElements(request.attributes, attribute));
    return typeof value === 'string' && value !== '' ? [{ attribute, value }] : [];
  });
}

/** `emails.value` in a match list is the value of any mapped mail address. */
function fromElements(attributes: TargetAttributes, attribute: string): unknown {
  const wanted = parseTargetPath(attribute);
  if (wanted?.sub === undefined) return undefined;
  const source = Object.keys(attributes).find((candidate) => {
    const path = parseTargetPath(candidate);
    return path?.element !== undefined && path.attribute === wanted.attribute && path.sub === wanted.sub;
  });
  return source === undefined ? undefined : attributes[source];
}

/** A key that is equal for equal values in the sense of the attribute. */
export const matchKey = (attribute: string, value: string): string =>
  `${attribute}=${CASE_EXACT.has(attribute) ? value : value.toLowerCase()}`;

/** The keys of a resource as the target shows it. */
export function matchKeysOfResource(profile: VendorProfile, objectType: ObjectType, resource: Json): string[] {
  return resourceOf(profile, objectType).match.flatMap((attribute) =>
    shownValues(resource, attribute).map((value) => matchKey(attribute, value)),
  );
}

/** Every value of an attribute, for `emails.value` those of all elements. */
export function shownValues(resource: Json, attribute: string): string[] {
  const path = parseTargetPath(attribute);
  if (path === undefined) return [];
  const whole = readAt(resource, {
    source: path.source,
    attribute: path.attribute,
    ...(path.extension === undefined ? {} : { extension: path.extension }),
  });
  const values: unknown[] =
    Array.isArray(whole) && path.element === undefined
      ? whole.map((element: unknown) => (isRecord(element) ? element[path.sub ?? 'value'] : element))
      : [readAt(resource, path)];
  return values.filter((value) => typeof value === 'string');
}
