import { isDeepStrictEqual } from 'node:util';
import { discoveryDocument } from './discovery.js';
import { parseFilter } from './filter.js';
import { readMembersChange, type MembersChange } from './group-members.js';
import type { Effect } from './ledger.js';
import { applyOperations, readOperations, targetOf, withPaths, type Operation } from './patch.js';
import type { ResourceStore, Stored } from './resource-store.js';
import { isObject, readResource, type Json } from './resource.js';
import { ScimError } from './scim-error.js';
import { versionOf, type Tenant } from './tenant.js';

export interface ScimRequest {
  readonly method: string;
  /** Below the tenant's base URL, decoded: `['Users', '<id>']`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** The parsed body; undefined if it is not JSON. */
  readonly json: () => unknown;
  readonly contentType: string;
  readonly ifMatch: string | undefined;
}
export interface ScimAnswer {
  readonly status: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly effect: Effect;
}

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const JSON_MEDIA = /^application\/(scim\+)?json(;|$)/i;

/** What a strict service provider answers. Throws a ScimError for every refusal. */
export function handleRequest(tenant: Tenant, request: ScimRequest): ScimAnswer {
  const [endpoint = '', id, ...rest] = request.segments;
  const store = endpoint === 'Users' ? tenant.users : endpoint === 'Groups' ? tenant.groups : undefined;
  if (store === undefined) return discover(tenant, request);
  if (rest.length > 0) throw new ScimError(404, 'No such resource.');
  if (id === undefined) return collection(tenant, store, request);
  return single(tenant, store, request, id);
}

function discover(tenant: Tenant, request: ScimRequest): ScimAnswer {
  const body = tenant.settings.discovery ? discoveryDocument(tenant, request.segments) : undefined;
  if (body === undefined) throw new ScimError(404, 'No such resource.');
  if (request.method !== 'GET') throw new ScimError(405, 'Only GET.');
  return { status: 200, body, effect: 'read' };
}

function collection(tenant: Tenant, store: ResourceStore, request: ScimRequest): ScimAnswer {
  if (request.method === 'GET') return list(tenant, store, request.query);
  if (request.method !== 'POST') throw new ScimError(405, 'Only GET and POST.');
  const { members, ...resource } = readResource(store.kind, readJson(request));
  const added = Array.isArray(members) ? members.filter(isObject) : [];
  demandMembers(tenant, added);
  if (store === tenant.users && resource.active === undefined) resource.active = true;
  const stored = store.insert(resource);
  tenant.members.add(stored.id, added);
  return answer(tenant, store, stored, { status: 201, effect: 'created' });
}

function single(tenant: Tenant, store: ResourceStore, request: ScimRequest, id: string): ScimAnswer {
  const stored = store.demand(id);
  if (request.method === 'GET') {
    return answer(tenant, store, stored, { status: 200, effect: 'read', query: request.query });
  }
  demandVersion(tenant, stored, request.ifMatch);
  switch (request.method) {
    case 'PUT':
      return put(tenant, store, stored, request);
    case 'PATCH':
      if (!tenant.settings.patch) throw new ScimError(501, 'PATCH is not supported.');
      return patch(tenant, store, stored, request);
    case 'DELETE':
      store.remove(stored);
      tenant.members.forget(stored.id);
      return { status: 204, effect: 'deleted' };
    default:
      throw new ScimError(405, 'Only GET, PUT, PATCH and DELETE.');
  }
}

function put(tenant: Tenant, store: ResourceStore, stored: Stored, request: ScimRequest): ScimAnswer {
  const { members, ...resource } = readResource(store.kind, readJson(request));
  const added = Array.isArray(members) ? members.filter(isObject) : [];
  demandMembers(tenant, added);
  if (store === tenant.users && resource.active === undefined) resource.active = true;
  const changed = !isDeepStrictEqual(stored.resource, resource);
  if (changed) store.replace(stored, resource);
  const membersChanged = changeMembers(tenant, stored.id, { clear: true, add: added, remove: [] });
  return answer(tenant, store, stored, { status: 200, effect: changed || membersChanged ? 'updated' : 'none' });
}

function patch(tenant: Tenant, store: ResourceStore, stored: Stored, request: ScimRequest): ScimAnswer {
  const operations = readOperations(readJson(request));
  const { own, members } =
    store === tenant.groups ? splitMembers(tenant, stored, operations) : { own: operations, members: [] };
  const resource = own.length > 0 ? applyOperations(store.kind, stored.resource, own) : stored.resource;
  const changed = own.length > 0 && !isDeepStrictEqual(stored.resource, resource);
  if (changed) store.replace(stored, resource);
  const results = members.map((change) => changeMembers(tenant, stored.id, change));
  const effect = changed || results.includes(true) ? 'updated' : 'none';
  if (!changed && effect === 'updated') store.touch(stored);
  if (tenant.settings.patchAnswer === 204) return { status: 204, effect, headers: etag(tenant, stored) };
  return answer(tenant, store, stored, {
    status: 200,
    effect,
    query: new URLSearchParams('excludedAttributes=members'),
  });
}

function splitMembers(tenant: Tenant, stored: Stored, operations: readonly Operation[]) {
  const own: Operation[] = [];
  const members: MembersChange[] = [];
  for (const operation of operations.flatMap((each) => withPaths(tenant.groups.kind, each))) {
    const target = targetOf(tenant.groups.kind, operation.path);
    if (target.definition.name !== 'members') own.push(operation);
    else members.push(readMembersChange(target, operation, () => tenant.members.of(stored.id)));
  }
  const count = members.reduce((sum, change) => sum + change.add.length + change.remove.length, 0);
  if (count > tenant.settings.maxMembersPerPatch) {
    throw new ScimError(413, `At most ${tenant.settings.maxMembersPerPatch} members in one request.`, 'tooMany');
  }
  demandMembers(
    tenant,
    members.flatMap((change) => change.add),
  );
  return { own, members };
}

function changeMembers(tenant: Tenant, group: string, change: MembersChange): boolean {
  const kept = new Set(change.add.map((member) => String(member.value)));
  const gone = change.clear
    ? tenant.members.of(group).flatMap(({ value }) => (kept.has(String(value)) ? [] : [String(value)]))
    : change.remove;
  const removed = tenant.members.remove(group, gone);
  return tenant.members.add(group, change.add) || removed;
}

function demandMembers(tenant: Tenant, members: readonly Json[]): void {
  if (tenant.settings.unknownMember === 'accept') return;
  for (const { value } of members) {
    if (tenant.users.get(String(value)) === undefined && tenant.groups.get(String(value)) === undefined) {
      throw new ScimError(400, `There is no user or group ${String(value)}.`, 'invalidValue');
    }
  }
}

function demandVersion({ settings }: Tenant, stored: Stored, ifMatch: string | undefined): void {
  if (settings.etag === 'off') return;
  if (ifMatch === undefined) {
    if (settings.etag === 'required') throw new ScimError(428, 'If-Match is required.');
    return;
  }
  if (ifMatch !== '*' && ifMatch !== versionOf(stored)) throw new ScimError(412, 'The resource has changed.');
}

function list(tenant: Tenant, store: ResourceStore, query: URLSearchParams): ScimAnswer {
  const filter = query.get('filter');
  if (filter !== null && !tenant.settings.filter) throw new ScimError(400, 'No filters here.', 'invalidFilter');
  const { unlisted } = tenant.settings;
  const found =
    filter === null ? [...store.all()].filter(({ id }) => !unlisted.includes(id)) : findFiltered(tenant, store, filter);
  const count = Math.min(readCount(query.get('count')) ?? tenant.settings.maxPage, tenant.settings.maxPage);
  const from = startOf(tenant, query);
  const page = found.slice(from, from + count);
  const excluded = excludedOf(query);
  const next =
    tenant.settings.cursorPaging && from + count < found.length ? { nextCursor: cursorOf(from + count) } : {};
  return {
    status: 200,
    effect: 'read',
    body: {
      schemas: [LIST_SCHEMA],
      totalResults: found.length,
      itemsPerPage: page.length,
      ...(tenant.settings.cursorPaging ? next : { startIndex: from + 1 }),
      Resources: page.map((stored) => tenant.show(store, stored, excluded)),
    },
  };
}

/** `members.value eq "…"` and `members[value eq "…"]` are answered from the members kept apart. */
function findFiltered(tenant: Tenant, store: ResourceStore, source: string): Stored[] {
  const member = /^members(?:\.value|\[value) eq ("(?:[^"\\]|\\.)*")\]?$/i.exec(source.trim());
  if (store !== tenant.groups || member === null) return store.find(parseFilter(store.kind, source));
  const id = String(JSON.parse(member[1] ?? '""'));
  return tenant.members.groupsOf(id).flatMap((group) => tenant.groups.get(group) ?? []);
}

function startOf({ settings }: Tenant, query: URLSearchParams): number {
  if (!settings.cursorPaging) return Math.max((readCount(query.get('startIndex')) ?? 1) - 1, 0);
  const cursor = query.get('cursor') ?? '';
  if (cursor === '') return 0;
  const from = Number(Buffer.from(cursor, 'base64url').toString());
  if (!Number.isInteger(from)) throw new ScimError(400, 'Unknown cursor.', 'invalidCursor');
  return from;
}

const cursorOf = (from: number): string => Buffer.from(String(from)).toString('base64url');

function readCount(text: string | null): number | undefined {
  if (text === null) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count)) throw new ScimError(400, 'A count has to be a whole number.', 'invalidValue');
  return Math.max(count, 0);
}

const excludedOf = (query: URLSearchParams): ReadonlySet<string> =>
  new Set((query.get('excludedAttributes') ?? '').split(',').map((name) => name.trim()));

function answer(
  tenant: Tenant,
  store: ResourceStore,
  stored: Stored,
  how: { status: number; effect: Effect; query?: URLSearchParams },
): ScimAnswer {
  const body = tenant.show(store, stored, how.query === undefined ? undefined : excludedOf(how.query));
  const location = (body.meta as { location: string }).location;
  return { status: how.status, effect: how.effect, body, headers: { location, ...etag(tenant, stored) } };
}

const etag = ({ settings }: Tenant, stored: Stored): Record<string, string> =>
  settings.etag === 'off' ? {} : { etag: versionOf(stored) };

function readJson({ json, contentType }: ScimRequest): unknown {
  if (!JSON_MEDIA.test(contentType)) throw new ScimError(415, 'Send application/scim+json.');
  const body = json();
  if (body === undefined) throw new ScimError(400, 'The body is not JSON.', 'invalidSyntax');
  return body;
}
