import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ALL_TOPICS } from '../topics/topics.js';
import { asyncApi } from './async-api.js';
import { configurationTables } from './configuration-markdown.js';
import { jsonSchema, SCHEMA_NAMES, type SchemaName } from './json-schemas.js';
import { topicsMarkdown } from './topics-markdown.js';

const validator = (name: SchemaName): ValidateFunction =>
  new Ajv2020({ strict: true, strictTypes: false, validateFormats: false }).compile(jsonSchema(name));

test.each(SCHEMA_NAMES)('%s is a valid JSON Schema of 2020-12', (name) => {
  expect(() => validator(name)).not.toThrow();
});

test('the schema of an identity change takes what the capture writes and refuses what lacks its id', () => {
  const validate = validator('identity-change');
  const change = {
    dataStore: 'corp-ldap',
    objectId: '6f1c',
    objectType: 'user',
    sequence: 1,
    state: 'present',
    attributes: { uid: ['j'], jpegPhoto: [{ base64: 'AAAA' }] },
    occurredAt: '2026-01-01T00:00:00Z',
    capturedAt: '2026-01-01T00:00:00Z',
  };
  expect(validate(change)).toBe(true);
  expect(validate({ ...change, addedLater: true })).toBe(true);
  expect(validate({ ...change, objectId: undefined })).toBe(false);
});

test('the schema of a configuration document takes one without defaults and refuses an unknown key', () => {
  const validate = validator('configuration');
  const document = {
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name: 'slack-prod' },
    spec: {
      target: { type: 'scim', baseUrl: 'https://scim.example', auth: { type: 'none' } },
      channels: [{ name: 'staff', dataStore: 'corp-ldap', users: {}, attributes: { userName: 'uid' } }],
    },
  };
  expect(validate(document)).toBe(true);
  expect(validate({ ...document, spek: {} })).toBe(false);
});

test('the AsyncAPI document has every topic with its key, and all its references lead somewhere', () => {
  const document = asyncApi('1.0.0');
  const channels = Object.values(document['channels'] as Record<string, { address: string }>);
  expect(channels.map(({ address }) => address).sort()).toEqual(ALL_TOPICS.map(({ name }) => name).sort());
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(references.length).toBeGreaterThan(channels.length);
  for (const path of references) expect(at(document, path), path).toBeDefined();
});

const at = (value: unknown, path: string): unknown =>
  path.split('/').reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], value);

test('every table of the documentation has rows', () => {
  for (const [name, text] of Object.entries(configurationTables()))
    expect(text.split('\n').length, name).toBeGreaterThan(2);
  for (const { name } of ALL_TOPICS) expect(topicsMarkdown()).toContain(`### ${name}`);
});
