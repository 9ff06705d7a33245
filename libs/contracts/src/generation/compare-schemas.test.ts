import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareSchemas } from './compare-schemas.js';
import { jsonSchema, SCHEMA_NAMES, type JsonSchema, type SchemaName } from './json-schemas.js';

const PUBLISHED = new URL('../../schemas/published/', import.meta.url);
const publishedSchema = (name: string): JsonSchema =>
  JSON.parse(readFileSync(new URL(`${name}.schema.json`, PUBLISHED), 'utf8')) as JsonSchema;

describe('what is published stays valid', () => {
  const names = readdirSync(PUBLISHED).map((file) => file.replace('.schema.json', ''));

  test('no schema disappears', () => {
    expect(SCHEMA_NAMES).toEqual(expect.arrayContaining(names));
  });

  test.each(names)('%s is compatible with its published form', (name) => {
    expect(compareSchemas(publishedSchema(name), jsonSchema(name as SchemaName))).toEqual([]);
  });
});

const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});
const text: JsonSchema = { type: 'string' };
const base = object(
  { a: { type: 'string', minLength: 1, maxLength: 10 }, b: { type: 'integer', minimum: 0 } },
  { required: ['a'] },
);
const reasons = (published: JsonSchema, current: JsonSchema): string[] =>
  compareSchemas(published, current).map(({ at, reason }) => `${at} ${reason}`);

describe('planted incompatibilities are found', () => {
  test.each<[string, JsonSchema, JsonSchema, string]>([
    [
      'a field that becomes required',
      base,
      { ...base, required: ['a', 'b'] },
      '/properties/b the field becomes required',
    ],
    [
      'a new field that is required',
      base,
      object({ ...(base['properties'] as object), c: text }, { required: ['a', 'c'] }),
      '/properties/c the field becomes required',
    ],
    ['a field that disappears', base, object({ a: text }, { required: ['a'] }), '/properties/b the field disappears'],
    [
      'another type',
      object({ a: text }),
      object({ a: { type: 'integer' } }),
      '/properties/a the type string is no longer accepted',
    ],
    [
      'a narrower type',
      object({ a: { type: ['string', 'null'] } }),
      object({ a: text }),
      '/properties/a the type null is no longer accepted',
    ],
    [
      'a type where there was none',
      object({ a: {} }),
      object({ a: text }),
      '/properties/a the type is narrowed to string',
    ],
    [
      'number to integer',
      object({ a: { type: 'number' } }),
      object({ a: { type: 'integer' } }),
      '/properties/a the type number is no longer accepted',
    ],
    [
      'a value that disappears',
      object({ a: { enum: ['x', 'y'] } }),
      object({ a: { enum: ['x'] } }),
      '/properties/a the value "y" is no longer accepted',
    ],
    [
      'values where there was any text',
      object({ a: text }),
      object({ a: { type: 'string', enum: ['x'] } }),
      '/properties/a the values are narrowed to "x"',
    ],
    [
      'another constant',
      object({ a: { const: 'v1' } }),
      object({ a: { const: 'v2' } }),
      '/properties/a the value "v1" is no longer accepted',
    ],
    [
      'a higher lower bound',
      object({ a: { type: 'integer', minimum: 0 } }),
      object({ a: { type: 'integer', minimum: 1 } }),
      '/properties/a minimum is narrowed from 0 to 1',
    ],
    [
      'an upper bound where there was none',
      object({ a: text }),
      object({ a: { type: 'string', maxLength: 5 } }),
      '/properties/a maxLength is narrowed from none to 5',
    ],
    [
      'a list that must not be empty',
      object({ a: { type: 'array', items: text } }),
      object({ a: { type: 'array', items: text, minItems: 1 } }),
      '/properties/a minItems is narrowed from none to 1',
    ],
    [
      'another pattern',
      object({ a: { type: 'string', pattern: '^a' } }),
      object({ a: { type: 'string', pattern: '^b' } }),
      '/properties/a pattern changes from "^a" to "^b"',
    ],
    [
      'another format',
      object({ a: text }),
      object({ a: { type: 'string', format: 'uri' } }),
      '/properties/a format changes from none to "uri"',
    ],
    [
      'another default',
      object({ a: { type: 'boolean', default: true } }),
      object({ a: { type: 'boolean', default: false } }),
      '/properties/a default changes from true to false',
    ],
    [
      'a default that goes',
      object({ a: { type: 'boolean', default: true } }),
      object({ a: { type: 'boolean' } }),
      '/properties/a default changes from true to none',
    ],
    [
      'elements of a list',
      object({ a: { type: 'array', items: text } }),
      object({ a: { type: 'array', items: { type: 'integer' } } }),
      '/properties/a/items the type string is no longer accepted',
    ],
    [
      'values of a map',
      { type: 'object', additionalProperties: text },
      { type: 'object', additionalProperties: { type: 'integer' } },
      '/additionalProperties the type string is no longer accepted',
    ],
    [
      'an object that closes',
      object({ a: text }),
      object({ a: text }, { additionalProperties: false }),
      '/additionalProperties further fields are no longer accepted',
    ],
    [
      'a branch that disappears',
      { anyOf: [text, { type: 'integer' }] },
      { anyOf: [text] },
      '/anyOf/1 the type integer is no longer accepted',
    ],
    [
      'a union that becomes one of its branches',
      { anyOf: [text, { type: 'boolean' }] },
      text,
      '/anyOf/1 the type boolean is no longer accepted',
    ],
    [
      'a change inside a branch',
      { oneOf: [object({ kind: { const: 'a' }, x: text })] },
      { oneOf: [object({ kind: { const: 'a' } })] },
      '/anyOf/0/properties/x the field disappears',
    ],
  ])('%s', (_what, published, current, reason) => {
    expect(reasons(published, current)).toContain(reason);
  });

  test('in a real schema', () => {
    const published = jsonSchema('provisioning-result');
    const properties = Object.fromEntries(
      Object.entries(published['properties'] as object).filter(([name]) => name !== 'cause'),
    );
    const current = { ...published, properties, required: [...(published['required'] as string[]), 'traceId'] };
    expect(reasons(published, current)).toEqual([
      '/properties/traceId the field becomes required',
      '/properties/cause the field disappears',
    ]);
  });
});

describe('additions are fine', () => {
  test.each<[string, JsonSchema, JsonSchema]>([
    ['a new field', base, object({ ...(base['properties'] as object), c: text }, { required: ['a'] })],
    ['a field that need not be given any more', base, { ...base, required: [] }],
    [
      'wider bounds',
      base,
      object({ a: { type: 'string', maxLength: 20 }, b: { type: 'number', minimum: -1 } }, { required: ['a'] }),
    ],
    ['a further value', object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } })],
    ['a value that becomes a choice', object({ a: { const: 'x' } }), object({ a: { enum: ['x', 'y'] } })],
    ['a further branch', { anyOf: [text] }, { anyOf: [{ type: 'integer' }, text] }],
    ['a type that becomes a union', text, { anyOf: [{ type: 'integer' }, text] }],
    ['another description', object({ a: text }), object({ a: { ...text, description: 'words' } })],
    ['an object that opens', object({ a: text }, { additionalProperties: false }), object({ a: text })],
  ])('%s', (_what, published, current) => {
    expect(reasons(published, current)).toEqual([]);
  });

  test('every schema is compatible with itself', () => {
    for (const name of SCHEMA_NAMES) expect(reasons(jsonSchema(name), jsonSchema(name))).toEqual([]);
  });
});
