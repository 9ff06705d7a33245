import { GROUP, USER, type Definition, type ResourceKind } from './definitions.js';
import type { Json } from './resource.js';
import type { Tenant } from './tenant.js';

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const SCHEMAS = new Map(
  [USER, GROUP].flatMap((kind) => [[kind.schema, kind.attributes] as const, ...Object.entries(kind.extensions)]),
);

/** The documents of RFC 7644, section 4, or undefined for any other path. */
export function discoveryDocument(tenant: Tenant, [endpoint, id]: readonly string[]): Json | undefined {
  switch (endpoint) {
    case 'ServiceProviderConfig':
      return id === undefined ? serviceProviderConfig(tenant) : undefined;
    case 'ResourceTypes':
      return oneOrAll([USER, GROUP].map(resourceType), id);
    case 'Schemas':
      return oneOrAll(
        [...SCHEMAS].map(([urn, attributes]) => schema(urn, attributes)),
        id,
      );
    default:
      return undefined;
  }
}

function serviceProviderConfig({ settings }: Tenant): Json {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: settings.patch },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: settings.filter, maxResults: settings.maxPage },
    changePassword: { supported: true },
    sort: { supported: false },
    etag: { supported: settings.etag !== 'off' },
    ...(settings.cursorPaging
      ? { pagination: { cursor: true, index: false, defaultPaginationMethod: 'cursor', maxPageSize: settings.maxPage } }
      : {}),
    authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer token', description: 'RFC 6750' }],
  };
}

function resourceType(kind: ResourceKind): Json {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: kind.name,
    name: kind.name,
    endpoint: `/${kind.endpoint}`,
    schema: kind.schema,
    schemaExtensions: Object.keys(kind.extensions).map((urn) => ({ schema: urn, required: false })),
  };
}

function schema(urn: string, attributes: readonly Definition[]): Json {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: urn,
    name: urn.slice(urn.lastIndexOf(':') + 1),
    attributes: attributes.filter(({ name }) => name !== 'schemas' && name !== 'meta').map(attribute),
  };
}

function attribute(definition: Definition): Json {
  return {
    name: definition.name,
    type: definition.type,
    multiValued: definition.multi ?? false,
    required: definition.required ?? false,
    caseExact: definition.caseExact ?? false,
    mutability: definition.mutability ?? 'readWrite',
    returned: definition.mutability === 'writeOnly' ? 'never' : 'default',
    uniqueness: definition.uniqueness ?? 'none',
    ...(definition.sub === undefined ? {} : { subAttributes: definition.sub.map(attribute) }),
  };
}

function oneOrAll(documents: readonly Json[], id: string | undefined): Json | undefined {
  if (id !== undefined) return documents.find((document) => document.id === id);
  return {
    schemas: [LIST_SCHEMA],
    totalResults: documents.length,
    itemsPerPage: documents.length,
    startIndex: 1,
    Resources: documents,
  };
}
