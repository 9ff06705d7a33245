import { jsonSchema, type JsonSchema } from './json-schemas.js';
import { fieldRows, table } from './schema-table.js';

/** The generated tables of docs/configuration.md, by the name of the place where they stand. */
export function configurationTables(): Readonly<Record<string, string>> {
  const ldap = at(jsonSchema('data-store'), 'spec', 0);
  const connection = at(jsonSchema('sp-connection'), 'spec');
  const scim = at(connection, 'target', 0);
  const channel = at(connection, 'channels', '[]');
  return {
    'data-store-ldap': fields(without(ldap, ['accountStatus'])),
    'account-status': byBranch(at(ldap, 'accountStatus')),
    'sp-connection': fields(without(connection, ['target', 'policy', 'limits', 'channels'])),
    'target-scim': fields(without(scim, ['auth'])),
    'target-auth': byBranch(at(scim, 'auth')),
    policy: fields(at(connection, 'policy')),
    limits: fields(at(connection, 'limits')),
    channel: fields(without(channel, ['users', 'groups'])),
    scope: fields(at(channel, 'users')),
    'attribute-rule': fields(merged(at(channel, 'attributes', '{}'))),
    secret: fields(merged(at(scim, 'auth', 1, 'token'))),
  };
}

/** A part of a schema: a property by name, a branch by index, the elements of a list by `[]`, the values of a map by `{}`. */
function at(schema: JsonSchema, ...steps: readonly (string | number)[]): JsonSchema {
  return steps.reduce<JsonSchema>((part, step) => {
    const next = typeof step === 'number' ? branchesOf(part)[step] : inner(part, step);
    if (typeof next !== 'object' || next === null) throw new Error(`There is no ${steps.join('/')} in the schema.`);
    return next as JsonSchema;
  }, schema);
}

function inner(schema: JsonSchema, step: string): unknown {
  if (step === '[]') return schema['items'];
  return step === '{}' ? schema['additionalProperties'] : propertiesOf(schema)[step];
}

const HEAD = ['key', 'type', 'meaning'];
const fields = (schema: JsonSchema): string => table(HEAD, fieldRows(schema));
const byBranch = (schema: JsonSchema): string => branchesOf(schema).map(fields).join('\n\n');

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};

function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  const branches = schema['oneOf'] ?? schema['anyOf'];
  return Array.isArray(branches) ? (branches as JsonSchema[]) : [schema];
}

/** All keys of all branches in one object: for unions whose branches share their options. */
const merged = (schema: JsonSchema): JsonSchema => ({
  properties: Object.assign({}, ...branchesOf(schema).map(propertiesOf)) as Record<string, JsonSchema>,
});

function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const kept = Object.entries(propertiesOf(schema)).filter(([name]) => !names.includes(name));
  return { ...schema, properties: Object.fromEntries(kept) };
}
