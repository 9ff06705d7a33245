import type { Facts } from '../workload/truth.js';

export type WrittenFacts = { [Fact in keyof Facts]?: string | boolean };

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const PATHS: Readonly<Record<string, keyof Facts>> = {
  username: 'userName',
  active: 'active',
  'name.givenname': 'givenName',
  'name.familyname': 'familyName',
  title: 'title',
  'emails[type eq "work"].value': 'mail',
  [`${ENTERPRISE}:department`.toLowerCase()]: 'department',
};

type Json = Readonly<Record<string, unknown>>;

/** What a request says about an account, of what the source knows; undefined for a body that is no write of an account. */
export function writtenFacts(method: string, body: string): WrittenFacts | undefined {
  const json = JSON.parse(body) as Json;
  if (method === 'POST' || method === 'PUT') return ofResource(json);
  if (method !== 'PATCH') return undefined;
  const operations = (json['Operations'] ?? []) as readonly { path?: string; value?: unknown }[];
  const facts: WrittenFacts = {};
  for (const { path, value } of operations) {
    if (path === undefined) Object.assign(facts, ofResource((value ?? {}) as Json));
    else Object.assign(facts, ofPath(path, value));
  }
  return facts;
}

function ofPath(path: string, value: unknown): WrittenFacts {
  const fact = PATHS[path.toLowerCase()];
  if (fact !== undefined) return { [fact]: scalar(value) };
  return ofResource(nested(path, value));
}

/** `name` with an object, or a list of addresses. */
const nested = (path: string, value: unknown): Json => ({ [path]: value });

function ofResource(resource: Json): WrittenFacts {
  const name = (resource['name'] ?? {}) as Json;
  const emails = resource['emails'];
  const enterprise = (resource[ENTERPRISE] ?? {}) as Json;
  const work = Array.isArray(emails)
    ? (emails as readonly { type?: string; value?: unknown }[]).find(({ type }) => type === 'work')
    : undefined;
  const found = {
    userName: resource['userName'],
    active: resource['active'],
    givenName: name['givenName'],
    familyName: name['familyName'],
    title: resource['title'],
    mail: work?.value,
    department: enterprise['department'],
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([fact, value]) => (value === undefined ? [] : [[fact, scalar(value)]])),
  );
}

const scalar = (value: unknown): string | boolean =>
  typeof value === 'boolean' ? value : typeof value === 'string' ? value : JSON.stringify(value ?? null);
