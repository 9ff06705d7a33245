import { isDeepStrictEqual } from 'node:util';
import { definitionOf, extensionOf, type Definition, type ResourceKind } from './definitions.js';
import { attributeOf, matches, parseElementFilter, type Attribute, type Filter } from './filter.js';
import { isObject, isUnassigned, readSingle, readValue, requireAll, type Json } from './resource.js';
import { ScimError } from './scim-error.js';

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path?: string;
  readonly value?: unknown;
}
export interface Target extends Attribute {
  readonly filter?: Filter;
}

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const PATH = /^(?<attribute>[^[\]]+?)(?:\[(?<filter>.*)\](?:\.(?<sub>[A-Za-z$]+))?)?$/;

/** Checks the envelope of a PATCH (RFC 7644, section 3.5.2). */
export function readOperations(body: unknown): readonly Operation[] {
  if (!isObject(body) || !Array.isArray(body.schemas) || !body.schemas.includes(PATCH_SCHEMA)) {
    throw new ScimError(400, `"schemas" has to name ${PATCH_SCHEMA}.`, 'invalidSyntax');
  }
  const operations: unknown = body.Operations;
  if (!Array.isArray(operations) || operations.length === 0) {
    throw new ScimError(400, '"Operations" has to be a list with at least one operation.', 'invalidSyntax');
  }
  return operations.map(readOperation);
}

function readOperation(operation: unknown): Operation {
  if (!isObject(operation)) throw new ScimError(400, 'An operation has to be an object.', 'invalidSyntax');
  const { op, path, value } = operation;
  if (op !== 'add' && op !== 'remove' && op !== 'replace') {
    throw new ScimError(400, `Unknown operation "${String(op)}".`, 'invalidSyntax');
  }
  if (path !== undefined && typeof path !== 'string') {
    throw new ScimError(400, '"path" has to be a string.', 'invalidPath');
  }
  if (op === 'remove' && path === undefined) throw new ScimError(400, '"remove" needs a path.', 'noTarget');
  if (op !== 'remove' && !('value' in operation)) throw new ScimError(400, `"${op}" needs a value.`, 'invalidValue');
  return { op, value, ...(path === undefined ? {} : { path }) };
}

/** Applies all operations to a copy; nothing is changed if one of them fails. */
export function applyOperations(kind: ResourceKind, resource: Json, operations: readonly Operation[]): Json {
  const copy = structuredClone(resource);
  for (const operation of operations) {
    for (const single of withPaths(kind, operation)) applyAt(copy, targetOf(kind, single.path), single);
  }
  requireAll(kind, copy);
  return copy;
}

/** An operation without a path is one operation for each attribute of its value. */
export function withPaths(kind: ResourceKind, operation: Operation): (Operation & { readonly path: string })[] {
  const { op, path, value } = operation;
  if (path !== undefined) return [{ ...operation, path }];
  if (!isObject(value)) throw new ScimError(400, 'Without a path the value has to be an object.', 'invalidValue');
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'schemas') return [];
    if (extensionOf(kind, key) === undefined) return [{ op, path: key, value: inner }];
    if (!isObject(inner)) throw new ScimError(400, `"${key}" has to be an object.`, 'invalidValue');
    return Object.entries(inner).map(([name, deep]) => ({ op, path: `${key}:${name}`, value: deep }));
  });
}

export function targetOf(kind: ResourceKind, path: string): Target {
  const groups = PATH.exec(path)?.groups;
  const attribute = attributeOf(kind, groups?.attribute ?? '');
  if (attribute === undefined) throw new ScimError(400, `No attribute at "${path}".`, 'invalidPath');
  if (attribute.definition.mutability === 'readOnly' || attribute.sub?.mutability === 'readOnly') {
    throw new ScimError(400, `"${path}" is read-only.`, 'mutability');
  }
  return groups?.filter === undefined ? attribute : withFilter(attribute, groups.filter, groups.sub);
}

function withFilter(attribute: Attribute, source: string, subName: string | undefined): Target {
  const { definition } = attribute;
  if (!definition.multi) throw new ScimError(400, `"${definition.name}" has only one value.`, 'invalidPath');
  const filter = parseElementFilter(definition, source);
  if (subName === undefined) return { ...attribute, filter };
  const sub = definitionOf(definition.sub ?? [], subName);
  if (sub === undefined) throw new ScimError(400, `No attribute "${definition.name}.${subName}".`, 'invalidPath');
  return { ...attribute, filter, sub };
}

function applyAt(resource: Json, target: Target, operation: Operation): void {
  const owner = ownerOf(resource, target);
  if (target.filter !== undefined) applyToElements(owner, target, operation);
  else if (target.sub !== undefined) applyToSub(owner, target.definition, target.sub, operation);
  else applyToAttribute(owner, target.definition, operation);
  if (target.extension !== undefined && isUnassigned(resource[target.extension])) delete resource[target.extension];
}

function ownerOf(resource: Json, target: Target): Json {
  if (target.extension === undefined) return resource;
  const owner = resource[target.extension];
  if (isObject(owner)) return owner;
  const created: Json = {};
  resource[target.extension] = created;
  return created;
}

function applyToAttribute(owner: Json, definition: Definition, { op, value }: Operation): void {
  const { name } = definition;
  const current = owner[name];
  const read = op === 'remove' ? undefined : readValue(definition, addedList(definition, value));
  if (op === 'remove' || (op === 'replace' && isUnassigned(read))) delete owner[name];
  else if (definition.multi && op === 'add') owner[name] = union(current, read);
  else if (definition.type === 'complex' && !definition.multi && isObject(current) && isObject(read)) {
    owner[name] = { ...current, ...read };
  } else if (!isUnassigned(read)) owner[name] = read;
}

/** `add` takes one element of a multi-valued attribute as well as a list of them. */
const addedList = (definition: Definition, value: unknown): unknown =>
  definition.multi && isObject(value) ? [value] : value;

function union(current: unknown, added: unknown): unknown[] {
  const elements: unknown[] = Array.isArray(current) ? [...(current as unknown[])] : [];
  for (const element of Array.isArray(added) ? (added as unknown[]) : []) {
    if (elements.some((present) => isDeepStrictEqual(present, element))) continue;
    if (isObject(element) && element.primary === true) elements.forEach(unsetPrimary);
    elements.push(element);
  }
  return elements;
}

function unsetPrimary(element: unknown): void {
  if (isObject(element) && element.primary === true) element.primary = false;
}

function applyToSub(owner: Json, definition: Definition, sub: Definition, { op, value }: Operation): void {
  if (definition.multi) {
    throw new ScimError(400, `"${definition.name}.${sub.name}" needs a value filter.`, 'invalidPath');
  }
  const current = owner[definition.name];
  const complex: Json = isObject(current) ? current : {};
  const read = op === 'remove' ? undefined : readValue(sub, value);
  if (isUnassigned(read)) delete complex[sub.name];
  else complex[sub.name] = read;
  if (isUnassigned(complex)) delete owner[definition.name];
  else owner[definition.name] = complex;
}

function applyToElements(owner: Json, target: Target, { op, value }: Operation): void {
  const { definition, filter, sub } = target;
  const present: unknown = owner[definition.name];
  const elements = Array.isArray(present) ? present.filter(isObject) : [];
  const chosen = elements.filter((element) => filter !== undefined && matches(filter, element));
  if (chosen.length === 0) throw new ScimError(400, `No value of "${definition.name}" matches.`, 'noTarget');
  if (op === 'remove' && sub === undefined) {
    owner[definition.name] = elements.filter((element) => !chosen.includes(element));
  } else {
    for (const element of chosen) changeElement(elements, element, { definition, sub, op, value });
  }
  if (isUnassigned(owner[definition.name])) delete owner[definition.name];
}

function changeElement(
  elements: Json[],
  element: Json,
  change: { definition: Definition; sub: Definition | undefined; op: Operation['op']; value: unknown },
): void {
  const { definition, sub, op, value } = change;
  if (sub !== undefined) {
    const read = op === 'remove' ? undefined : readValue(sub, value);
    if (sub.name === 'primary' && read === true) elements.forEach(unsetPrimary);
    if (isUnassigned(read)) delete element[sub.name];
    else element[sub.name] = read;
    return;
  }
  const read = readSingle(definition, value);
  if (isObject(read)) Object.assign(element, read);
}
