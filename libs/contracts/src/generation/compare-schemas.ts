import type { JsonSchema } from './json-schemas.js';

/** A change that breaks whoever relies on the published schema. */
export interface Incompatibility {
  /** JSON pointer into the published schema. */
  readonly at: string;
  readonly reason: string;
}

const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const EXACT = ['pattern', 'format', 'contentEncoding', 'default', 'multipleOf', 'uniqueItems'];

/**
 * What in `current` refuses, or gives another meaning to, something that `published` accepts. Additions are fine: new fields that
 * may be left out, further values, wider bounds.
 */
export function compareSchemas(published: JsonSchema, current: JsonSchema, at = ''): Incompatibility[] {
  if (branchesOf(published) !== undefined || branchesOf(current) !== undefined)
    return compareBranches(published, current, at);
  return [
    ...compareTypes(published, current, at),
    ...compareValues(published, current, at),
    ...compareBounds(published, current, at),
    ...compareObjects(published, current, at),
    ...compareItems(published, current, at),
  ];
}

/** Every published branch needs a current one that takes all of it. */
function compareBranches(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const candidates = branchesOf(current) ?? [current];
  return (branchesOf(published) ?? [published]).flatMap((branch, index) => {
    const path = branchesOf(published) === undefined ? at : `${at}/anyOf/${index}`;
    const comparisons = candidates.map((candidate) => compareSchemas(branch, candidate, path));
    return comparisons.reduce((best, next) => (next.length < best.length ? next : best), comparisons[0] ?? []);
  });
}

function compareTypes(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const allowed = typesOf(current);
  if (allowed === undefined) return [];
  const before = typesOf(published);
  if (before === undefined) return [{ at, reason: `the type is narrowed to ${allowed.join(' or ')}` }];
  const lost = before.filter((type) => !allowed.includes(type) && !(type === 'integer' && allowed.includes('number')));
  return lost.length === 0 ? [] : [{ at, reason: `the type ${lost.join(' or ')} is no longer accepted` }];
}

function compareValues(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const allowed = valuesOf(current);
  if (allowed === undefined) return [];
  const before = valuesOf(published);
  if (before === undefined) return [{ at, reason: `the values are narrowed to ${allowed.join(', ')}` }];
  const lost = before.filter((value) => !allowed.includes(value));
  return lost.length === 0 ? [] : [{ at, reason: `the value ${lost.join(', ')} is no longer accepted` }];
}

function compareBounds(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const tightened = (bound: string, tighter: (now: number, before: number) => boolean): Incompatibility[] => {
    const [now, before] = [current[bound], published[bound]];
    if (typeof now !== 'number' || (typeof before === 'number' && !tighter(now, before))) return [];
    return [{ at, reason: `${bound} is narrowed from ${typeof before === 'number' ? before : 'none'} to ${now}` }];
  };
  return [
    ...LOWER_BOUNDS.flatMap((bound) => tightened(bound, (now, before) => now > before)),
    ...UPPER_BOUNDS.flatMap((bound) => tightened(bound, (now, before) => now < before)),
    ...EXACT.flatMap((key) => {
      const [now, before] = [JSON.stringify(current[key]), JSON.stringify(published[key])];
      // A restriction may go; a default may not, because whoever leaves the field out relies on it.
      if (now === before || (now === undefined && key !== 'default') || (key === 'default' && before === undefined))
        return [];
      return [{ at, reason: `${key} changes from ${before ?? 'none'} to ${now ?? 'none'}` }];
    }),
  ];
}

function compareObjects(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const before = propertiesOf(published);
  const now = propertiesOf(current);
  const required = new Set((published['required'] as string[] | undefined) ?? []);
  const newlyRequired = ((current['required'] as string[] | undefined) ?? []).filter((name) => !required.has(name));
  return [
    ...newlyRequired.map((name) => ({
      at: `${at}/properties/${escapePointer(name)}`,
      reason: 'the field becomes required',
    })),
    ...Object.entries(before).flatMap(([name, field]) => {
      const path = `${at}/properties/${escapePointer(name)}`;
      const next = now[name];
      return next === undefined ? [{ at: path, reason: 'the field disappears' }] : compareSchemas(field, next, path);
    }),
    ...compareAdditional(published, current, at),
    ...compareNested(published, current, 'propertyNames', at),
  ];
}

function compareAdditional(published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] {
  const path = `${at}/additionalProperties`;
  const before = published['additionalProperties'] ?? (published['type'] === 'object' ? {} : false);
  const now = current['additionalProperties'] ?? {};
  if (before === false || !isSchema(now))
    return before !== false && now === false ? [{ at: path, reason: 'further fields are no longer accepted' }] : [];
  return compareSchemas(isSchema(before) ? before : {}, now, path);
}

const compareItems = (published: JsonSchema, current: JsonSchema, at: string): Incompatibility[] =>
  compareNested(published, current, 'items', at);

function compareNested(published: JsonSchema, current: JsonSchema, key: string, at: string): Incompatibility[] {
  const [before, now] = [published[key], current[key]];
  if (!isSchema(now)) return [];
  return compareSchemas(isSchema(before) ? before : {}, now, `${at}/${key}`);
}

function branchesOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(branches) ? (branches as JsonSchema[]) : undefined;
}

function typesOf(schema: JsonSchema): readonly string[] | undefined {
  const type = schema['type'];
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? (type as string[]) : undefined;
}

function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map((value) => JSON.stringify(value)) : undefined;
}

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};
const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const escapePointer = (name: string): string => name.replace(/~/g, '~0').replace(/\//g, '~1');
