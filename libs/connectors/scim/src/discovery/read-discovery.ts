import type { ProfileDeviations } from '../profile/vendor-profile.js';
import { getIgnoringCase, isRecord, textOf, type Json } from '../resource/json.js';

/** The three documents as the target answered them; undefined where it has none. */
export interface DiscoveryDocuments {
  readonly serviceProviderConfig?: unknown;
  readonly resourceTypes?: unknown;
  readonly schemas?: unknown;
}

/** More per page costs memory at both ends and gains nothing. */
const MAX_PAGE = 500;
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:user';
/** Read-only by nature; never sent anyway. */
const NEVER_SENT = new Set(['id', 'meta', 'schemas']);

/** What the target says about itself, as deviations from the defaults. What it does not say stays unknown. */
export function readDiscovery(documents: DiscoveryDocuments): ProfileDeviations {
  const config = isRecord(documents.serviceProviderConfig) ? documents.serviceProviderConfig : {};
  const endpoints = readEndpoints(listOf(documents.resourceTypes));
  const user = attributesOf(listOf(documents.schemas), USER_SCHEMA);
  return {
    ...(flag(config, 'patch') === false ? { update: { verb: 'put' as const } } : {}),
    ...(flag(config, 'etag') === true ? { etag: 'ifMatch' as const } : {}),
    paging: readPaging(config),
    users: {
      ...(endpoints.user === undefined ? {} : { endpoint: endpoints.user }),
      ...readMutability(user),
      ...readUniqueness(user),
    },
    groups: {
      ...(endpoints.group === undefined ? {} : { endpoint: endpoints.group }),
      ...(endpoints.user !== undefined && endpoints.group === undefined ? { supported: false } : {}),
    },
  };
}

/** A ListResponse or a bare list: targets answer both. */
function listOf(document: unknown): Json[] {
  const list: unknown = isRecord(document) ? getIgnoringCase(document, 'Resources') : document;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

const section = (owner: Json, key: string): Json => {
  const value = getIgnoringCase(owner, key);
  return isRecord(value) ? value : {};
};

function flag(config: Json, key: string): boolean | undefined {
  const supported = getIgnoringCase(section(config, key), 'supported');
  return typeof supported === 'boolean' ? supported : undefined;
}

function readPaging(config: Json): NonNullable<ProfileDeviations['paging']> {
  const pagination = section(config, 'pagination');
  const cursor =
    pagination.cursor === true && (pagination.index === false || pagination.defaultPaginationMethod === 'cursor');
  const largest = positive(pagination.maxPageSize) ?? positive(section(config, 'filter').maxResults);
  return {
    ...(cursor ? { mode: 'cursor' as const } : {}),
    ...(largest === undefined ? {} : { maxPage: Math.min(largest, MAX_PAGE) }),
  };
}

const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;

function readEndpoints(resourceTypes: readonly Json[]): { user?: string; group?: string } {
  const endpointOf = (name: string) => {
    const type = resourceTypes.find((candidate) => textOf(getIgnoringCase(candidate, 'name'))?.toLowerCase() === name);
    const endpoint = type && textOf(getIgnoringCase(type, 'endpoint'));
    return endpoint === undefined ? undefined : `/${endpoint.replace(/^.*:\/\/[^/]*/, '').replace(/^\/+|\/+$/g, '')}`;
  };
  const [user, group] = [endpointOf('user'), endpointOf('group')];
  return { ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) };
}

/** Undefined where the target does not describe the schema. */
function attributesOf(schemas: readonly Json[], urn: string): Json[] | undefined {
  const found = schemas.find((schema) => textOf(getIgnoringCase(schema, 'id'))?.toLowerCase() === urn);
  const attributes: unknown = found && getIgnoringCase(found, 'attributes');
  return Array.isArray(attributes) ? attributes.filter(isRecord) : undefined;
}

function readMutability(attributes: readonly Json[] | undefined): { unsupported?: string[]; immutable?: string[] } {
  if (attributes === undefined) return {};
  const named = (mutability: string) =>
    attributes
      .filter((attribute) => textOf(attribute.mutability)?.toLowerCase() === mutability)
      .flatMap((attribute) => textOf(attribute.name) ?? [])
      .filter((name) => !NEVER_SENT.has(name));
  return { unsupported: named('readonly'), immutable: named('immutable') };
}

/** RFC 7643 demands user names that are unique. Only who says otherwise is taken at its word, for many say nothing. */
function readUniqueness(attributes: readonly Json[] | undefined): { unique?: string[] } {
  const userName = attributes?.find((attribute) => textOf(attribute.name)?.toLowerCase() === 'username');
  return textOf(userName?.uniqueness)?.toLowerCase() === 'none' ? { unique: [] } : {};
}
