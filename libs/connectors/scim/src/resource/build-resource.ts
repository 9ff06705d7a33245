import type { ObjectType, TargetAttributes } from '@provisor/contracts';
import type { TargetReferences } from '@provisor/provisioning';
import { isRecord, type Json } from './json.js';
import { isCovered, parseTargetPath, type TargetPath } from './target-path.js';

export const CORE_SCHEMA: Readonly<Record<ObjectType, string>> = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
};

export interface ResourceContent {
  readonly objectType: ObjectType;
  readonly externalId?: string;
  readonly active?: boolean;
  readonly attributes: TargetAttributes;
  readonly references?: TargetReferences;
  /** Paths that this target is never sent. */
  readonly unsupported: readonly string[];
}

/** The body of a create. `schemas` names the core schema and exactly the extensions that have a value. */
export function buildResource(content: ResourceContent): Json {
  const resource: Json = { schemas: [CORE_SCHEMA[content.objectType]] };
  if (content.externalId !== undefined && !content.unsupported.includes('externalId')) {
    resource.externalId = content.externalId;
  }
  if (content.active !== undefined && content.objectType === 'user') resource.active = content.active;
  for (const [source, value] of Object.entries(content.attributes)) {
    const path = parseTargetPath(source);
    if (path === undefined || isCovered(path, content.unsupported)) continue;
    writeAt(resource, path, value);
    if (path.element?.attribute === 'type') markOnly(resource, path);
  }
  writeReferences(resource, content.references ?? {});
  resource.schemas = schemasOf(content.objectType, resource);
  return resource;
}

function writeReferences(resource: Json, references: TargetReferences): void {
  for (const [source, targetId] of Object.entries(references)) {
    const path = parseTargetPath(source);
    if (path !== undefined && targetId !== null) writeAt(resource, { ...path, sub: 'value' }, targetId);
  }
}

export function schemasOf(objectType: ObjectType, resource: Json): string[] {
  return [CORE_SCHEMA[objectType], ...Object.keys(resource).filter((key) => key.startsWith('urn:'))];
}

/** Writes one value into a resource, making what it lies in. An element of a list is found by its filter, or added. */
export function writeAt(resource: Json, path: TargetPath, value: unknown): void {
  const owner = path.extension === undefined ? resource : childOf(resource, path.extension);
  if (path.element !== undefined) writeElement(owner, path, value);
  else if (path.sub === undefined) owner[path.attribute] = typeof value === 'object' ? structuredClone(value) : value;
  else childOf(owner, path.attribute)[path.sub] = value;
}

function writeElement(owner: Json, path: TargetPath, value: unknown): void {
  const list = listOf(owner, path.attribute);
  let element = list.find((candidate) => isElement(candidate, path));
  if (element === undefined) {
    element = path.element === undefined ? {} : { [path.element.attribute]: elementValue(path.element.value) };
    list.push(element);
  }
  if (path.sub !== undefined) element[path.sub] = value;
  else if (isRecord(value)) Object.assign(element, value);
  else element.value = value;
}

/** The only value of its kind is the primary one; of several, the mapping says which. */
function markOnly(resource: Json, path: TargetPath): void {
  const owner = path.extension === undefined ? resource : childOf(resource, path.extension);
  const list = listOf(owner, path.attribute);
  const [first] = list;
  if (list.length === 1 && first !== undefined && first.primary === undefined) first.primary = true;
  else if (list.length === 2 && first?.primary === true) delete first.primary;
}

/** `primary eq "true"` is written with quotes in a target path, but is a boolean in a body. */
const elementValue = (value: string): unknown => (value === 'true' ? true : value === 'false' ? false : value);

/** Takes a value away; what has become empty goes with it. */
export function clearAt(resource: Json, path: TargetPath): void {
  const owner = path.extension === undefined ? resource : resource[path.extension];
  if (!isRecord(owner)) return;
  if (path.element !== undefined) clearElement(owner, path);
  else if (path.sub === undefined) delete owner[path.attribute];
  else clearSub(owner, path.attribute, path.sub);
  if (path.extension !== undefined && Object.keys(owner).length === 0) delete resource[path.extension];
}

function clearSub(owner: Json, attribute: string, sub: string): void {
  const complex = owner[attribute];
  if (!isRecord(complex)) return;
  delete complex[sub];
  if (Object.keys(complex).length === 0) delete owner[attribute];
}

/** An element that holds nothing but what picks it is nothing any more. */
function clearElement(owner: Json, path: TargetPath): void {
  const list = owner[path.attribute];
  if (!Array.isArray(list)) return;
  const kept = (list as unknown[]).filter((candidate) => {
    if (!isRecord(candidate) || !isElement(candidate, path)) return true;
    if (path.sub === undefined || path.sub === 'value') return false;
    delete candidate[path.sub];
    return Object.keys(candidate).some((key) => key !== 'primary' && key !== path.element?.attribute);
  });
  if (kept.length === 0) delete owner[path.attribute];
  else owner[path.attribute] = kept;
}

export function isElement(candidate: Json, { element }: TargetPath): boolean {
  if (element === undefined) return false;
  const value = candidate[element.attribute];
  return (typeof value === 'string' ? value : String(value)).toLowerCase() === element.value.toLowerCase();
}

function childOf(owner: Json, key: string): Json {
  const present = owner[key];
  if (isRecord(present)) return present;
  const created: Json = {};
  owner[key] = created;
  return created;
}

function listOf(owner: Json, key: string): Json[] {
  const present = owner[key];
  if (Array.isArray(present)) return present as Json[];
  const created: Json[] = [];
  owner[key] = created;
  return created;
}
