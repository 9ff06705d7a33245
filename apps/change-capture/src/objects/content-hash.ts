import { createHash } from 'node:crypto';
import type { IdentityChange } from '@provisor/contracts';
import { canonicalJson, type SourceObject } from '@provisor/provisioning';

/** Hash of what the data store says about an object; equal for equal content, whatever the order of names and values. */
export function sourceHash(object: SourceObject): string {
  const { objectType, dn, enabled, attributes, references, members } = object;
  return sha256({
    objectType,
    dn,
    enabled,
    attributes: sortedValues(attributes),
    references,
    members: members?.toSorted(),
  });
}

/** What of a change counts as content: all but its number and its times. */
export type ChangeContent = Pick<
  IdentityChange,
  'objectType' | 'state' | 'enabled' | 'dn' | 'attributes' | 'memberOf' | 'memberOfNested' | 'references'
>;

/** Hash of a record's content: a record with the same hash says nothing new. */
export function contentHash(content: ChangeContent): string {
  return sha256({
    ...content,
    ...(content.attributes === undefined ? {} : { attributes: sortedValues(content.attributes) }),
  });
}

/** Names of attributes whose values differ. */
export function changedAttributes(before: SourceObject['attributes'], after: SourceObject['attributes']): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => valuesText(before[name]) !== valuesText(after[name])).sort();
}

/** An attribute is a set (RFC 4512 section 2.2): servers give its values in any order. */
function sortedValues(attributes: SourceObject['attributes']): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, values]) => [name, values.map(canonicalJson).sort()]),
  );
}

const valuesText = (values: SourceObject['attributes'][string] | undefined) =>
  values === undefined ? '' : JSON.stringify(values.map(canonicalJson).sort());

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('base64url');
