import { definitionOf, extensionOf, type Definition, type ResourceKind } from './definitions.js';
import { ScimError } from './scim-error.js';

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `null`, an empty list and an empty object all mean that an attribute has no value (RFC 7643, section 2.5). */
export const isUnassigned = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/**
 * Checks the body of a POST or PUT and returns it with attribute names in their schema's spelling, without read-only and
 * unassigned attributes. Throws a ScimError on the first offence.
 */
export function readResource(kind: ResourceKind, body: unknown): Json {
  if (!isObject(body)) throw new ScimError(400, 'The body has to be a JSON object.', 'invalidSyntax');
  const schemas = readSchemas(kind, body);
  const resource: Json = {};
  for (const [key, value] of Object.entries(body)) {
    if (key === 'schemas') continue;
    const urn = key.includes(':') ? extensionOf(kind, key) : undefined;
    if (urn === undefined) {
      assign(resource, kind.attributes, key, value);
    } else {
      if (!schemas.includes(urn)) throw new ScimError(400, `"schemas" does not name ${urn}.`, 'invalidValue');
      const extension = readComplex(kind.extensions[urn] ?? [], value, urn);
      if (!isUnassigned(extension)) resource[urn] = extension;
    }
  }
  requireAll(kind, resource);
  return resource;
}

/** Throws unless every required attribute has a value. */
export function requireAll(kind: ResourceKind, resource: Json): void {
  for (const definition of kind.attributes) {
    const value = resource[definition.name];
    if (definition.required && (isUnassigned(value) || value === '')) {
      throw new ScimError(400, `"${definition.name}" is required.`, 'invalidValue');
    }
  }
}

/** The value of one attribute as it is stored, or undefined if it is unassigned. Throws a ScimError if it does not fit. */
export function readValue(definition: Definition, value: unknown): unknown {
  if (isUnassigned(value)) return undefined;
  if (!definition.multi) return readSingle(definition, value);
  if (!Array.isArray(value)) throw new ScimError(400, `"${definition.name}" has to be a list.`, 'invalidValue');
  const elements = value.map((element: unknown) => readSingle(definition, element));
  if (elements.filter((element) => isObject(element) && element.primary === true).length > 1) {
    throw new ScimError(400, `"${definition.name}" has more than one primary value.`, 'invalidValue');
  }
  return elements;
}

/** One value of an attribute, for multi-valued ones one element. */
export function readSingle(definition: Definition, value: unknown): unknown {
  switch (definition.type) {
    case 'complex':
      return readComplex(definition.sub ?? [], value, definition.name);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'integer':
      if (Number.isInteger(value)) return value;
      break;
    case 'string':
    case 'dateTime':
    case 'reference':
      if (typeof value === 'string') return value;
      break;
  }
  throw new ScimError(400, `"${definition.name}" has to be of type ${definition.type}.`, 'invalidValue');
}

function readComplex(definitions: readonly Definition[], value: unknown, name: string): Json {
  if (!isObject(value)) throw new ScimError(400, `"${name}" has to be an object.`, 'invalidValue');
  const result: Json = {};
  for (const [key, sub] of Object.entries(value)) assign(result, definitions, key, sub);
  return result;
}

function assign(into: Json, definitions: readonly Definition[], key: string, value: unknown): void {
  const definition = definitionOf(definitions, key);
  if (definition === undefined) throw new ScimError(400, `There is no attribute "${key}".`, 'invalidSyntax');
  if (definition.mutability === 'readOnly') return;
  const read = readValue(definition, value);
  if (!isUnassigned(read)) into[definition.name] = read;
}

function readSchemas(kind: ResourceKind, body: Json): readonly string[] {
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.every((urn) => typeof urn === 'string')) {
    throw new ScimError(400, '"schemas" has to be a list of URNs.', 'invalidSyntax');
  }
  if (!schemas.includes(kind.schema)) throw new ScimError(400, `"schemas" has to name ${kind.schema}.`, 'invalidValue');
  const unknown = schemas.find((urn) => urn !== kind.schema && extensionOf(kind, urn) === undefined);
  if (unknown !== undefined) throw new ScimError(400, `Unknown schema ${unknown}.`, 'invalidValue');
  return schemas;
}
