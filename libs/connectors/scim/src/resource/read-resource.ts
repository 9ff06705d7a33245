import type { TargetAttributes, TargetValue } from '@provisor/contracts';
import type { FoundAccount } from '@provisor/provisioning';
import { getIgnoringCase, isRecord, textOf, type Json } from './json.js';
import { isElement } from './build-resource.js';
import { parseTargetPath, withoutSub, type TargetPath } from './target-path.js';

/** An account as the target shows it, with the values and references of the paths asked for; undefined without an `id`. */
export function readAccount(
  resource: unknown,
  paths: Iterable<string>,
  references: readonly string[] = [],
): FoundAccount | undefined {
  if (!isRecord(resource)) return undefined;
  const targetId = textOf(getIgnoringCase(resource, 'id'));
  if (targetId === undefined || targetId === '') return undefined;
  const externalId = textOf(getIgnoringCase(resource, 'externalId'));
  const targetVersion = versionOf(resource);
  return {
    targetId,
    active: readActive(getIgnoringCase(resource, 'active')),
    attributes: readPaths(resource, paths),
    ...(references.length === 0 ? {} : { references: readReferences(resource, references) }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(targetVersion === undefined ? {} : { targetVersion }),
  };
}

/** Target ids of the members of a group; undefined where it shows none. */
export function readMembers(group: unknown): string[] | undefined {
  const members = isRecord(group) ? getIgnoringCase(group, 'members') : undefined;
  if (!Array.isArray(members)) return undefined;
  return members.filter(isRecord).flatMap((member) => textOf(getIgnoringCase(member, 'value')) ?? []);
}

/** `meta.version` of a resource. */
export function versionOf(resource: unknown): string | undefined {
  if (!isRecord(resource)) return undefined;
  const meta = getIgnoringCase(resource, 'meta');
  return isRecord(meta) ? textOf(getIgnoringCase(meta, 'version')) : undefined;
}

/** Some targets say "False"; one that does not say anything means active. */
const readActive = (value: unknown): boolean =>
  !(value === false || (typeof value === 'string' && value.toLowerCase() === 'false'));

function readPaths(resource: Json, paths: Iterable<string>): TargetAttributes {
  const attributes: Record<string, TargetValue> = {};
  for (const source of paths) {
    const path = parseTargetPath(source);
    const value = path === undefined ? undefined : readAt(resource, path);
    if (isTargetValue(value)) attributes[source] = value;
  }
  return attributes;
}

/** `manager` as an object with a `value`, or as the value itself. */
function readReferences(resource: Json, sources: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const source of sources) {
    const path = parseTargetPath(source);
    const whole = path === undefined ? undefined : readAt(resource, withoutSub(path));
    const targetId = textOf(isRecord(whole) ? getIgnoringCase(whole, 'value') : whole);
    if (targetId !== undefined && targetId !== '') found[source] = targetId;
  }
  return found;
}

/** The value at a path, or undefined where the resource has none. */
export function readAt(resource: Json, path: TargetPath): unknown {
  const owner = path.extension === undefined ? resource : getIgnoringCase(resource, path.extension);
  if (!isRecord(owner)) return undefined;
  const value = getIgnoringCase(owner, path.attribute);
  if (path.element === undefined) {
    return path.sub === undefined || !isRecord(value) ? undefinedFor(path, value) : getIgnoringCase(value, path.sub);
  }
  const elements = Array.isArray(value) ? value.filter(isRecord) : [];
  const element = elements.find((candidate) => isElement(candidate, path));
  return element === undefined || path.sub === undefined ? element : getIgnoringCase(element, path.sub);
}

const undefinedFor = (path: TargetPath, value: unknown): unknown => (path.sub === undefined ? value : undefined);

/** `null`, `""`, an empty list and a missing attribute are all no value. */
function isTargetValue(value: unknown): value is TargetValue {
  if (value === undefined || value === null || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}
