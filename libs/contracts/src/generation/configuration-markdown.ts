import { jsonSchema, type JsonSchema } from './json-schemas.js';
import { fieldRows, table } from './schema-table.js';

/** The generated tables of docs/configuration.md, by the name of the place where they stand. */
export function configurationTables(): Readonly<Record<string, string>> {
  const dataStore = properties(jsonSchema('data-store'));
  const connection = properties(properties(jsonSchema('sp-connection'))['spec'] ?? {});
  const channel = (connection['channels']?.['items'] ?? {}) as JsonSchema;
  const target = branchesOf(connection['target'] ?? {});
  const rule = (properties(channel)['attributes']?.['additionalProperties'] ?? {}) as JsonSchema;
  const secret = properties(branchesOf(properties(target[0] ?? {})['auth'] ?? {})[1] ?? {})['token'] ?? {};
  return {
    'data-store-ldap': fields(branchesOf(dataStore['spec'] ?? {})[0] ?? {}),
    'account-status': byBranch(properties(branchesOf(dataStore['spec'] ?? {})[0] ?? {})['accountStatus'] ?? {}),
    'sp-connection': fields(
      without(properties(jsonSchema('sp-connection'))['spec'] ?? {}, ['target', 'policy', 'limits', 'channels']),
    ),
    'target-scim': fields(without(target[0] ?? {}, [])),
    'target-auth': byBranch(properties(target[0] ?? {})['auth'] ?? {}),
    policy: fields(connection['policy'] ?? {}),
    limits: fields(connection['limits'] ?? {}),
    channel: fields(without(channel, ['users', 'groups'])),
    scope: fields(properties(channel)['users'] ?? {}),
    'attribute-rule': fields(mergedBranches(rule)),
    secret: fields(mergedBranches(secret)),
  };
}

const HEAD = ['key', 'type', 'meaning'];
const fields = (schema: JsonSchema): string => table(HEAD, fieldRows(schema));
const byBranch = (schema: JsonSchema): string => branchesOf(schema).map(fields).join('\n\n');

const properties = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};

function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  const branches = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(branches) ? (branches as JsonSchema[]) : [schema];
}

/** All keys of all branches in one object: for unions whose branches share their options. */
function mergedBranches(schema: JsonSchema): JsonSchema {
  return { properties: Object.assign({}, ...branchesOf(schema).map(properties)) as Record<string, JsonSchema> };
}

function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const kept = Object.entries(properties(schema)).filter(([name]) => !names.includes(name));
  return { ...schema, properties: Object.fromEntries(kept) };
}
