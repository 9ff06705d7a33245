import { GROUP, USER } from './definitions.js';
import { Faults } from './faults.js';
import { GroupMembers } from './group-members.js';
import { Ledger } from './ledger.js';
import { ResourceStore, type Stored } from './resource-store.js';
import type { Json } from './resource.js';

/** What a tenant supports and how it behaves; a SCIM 2.0 service provider without surprises unless told otherwise. */
export interface TenantSettings {
  /** Time before each answer, in milliseconds: the round trip and work of a real service provider. */
  readonly serviceTimeMs: number;
  /** A PATCH with more members is answered 413. */
  readonly maxMembersPerPatch: number;
  readonly maxPage: number;
  /** Without PATCH, it is answered 501. */
  readonly patch: boolean;
  readonly filter: boolean;
  /** Versions in ETag and `meta.version`; `If-Match` is obeyed, and demanded (428) where `required`. */
  readonly etag: 'off' | 'supported' | 'required';
  readonly uniqueExternalId: boolean;
  readonly uniqueGroupName: boolean;
  /** Members that do not exist are refused (400) or stored. */
  readonly unknownMember: 'refuse' | 'accept';
  /** What a PATCH is answered with. */
  readonly patchAnswer: 200 | 204;
  /** RFC 9865: cursors instead of `startIndex`. */
  readonly cursorPaging: boolean;
  /** Ids of resources that are there and that no list without a filter shows: an index that lags behind. */
  readonly unlisted: readonly string[];
  /** `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` exist. */
  readonly discovery: boolean;
  /** The ledger keeps the bodies of requests and when their exchanges ended, for checks of order and content. */
  readonly keepBodies: boolean;
}

export const STRICT: TenantSettings = {
  serviceTimeMs: 0,
  maxMembersPerPatch: 1000,
  maxPage: 200,
  patch: true,
  filter: true,
  etag: 'off',
  uniqueExternalId: true,
  uniqueGroupName: true,
  unknownMember: 'refuse',
  patchAnswer: 200,
  cursorPaging: false,
  unlisted: [],
  discovery: true,
  keepBodies: false,
};

/** One isolated customer of the target. */
export class Tenant {
  readonly name: string;
  readonly baseUrl: string;
  readonly users: ResourceStore;
  readonly groups: ResourceStore;
  readonly members = new GroupMembers();
  readonly ledger = new Ledger();
  readonly faults = new Faults();
  settings: TenantSettings;

  constructor(name: string, baseUrl: string, settings: TenantSettings) {
    this.name = name;
    this.baseUrl = baseUrl;
    this.settings = settings;
    const externalId = { attribute: 'externalId', unique: settings.uniqueExternalId, caseExact: true };
    this.users = new ResourceStore(USER, [{ attribute: 'userName', unique: true, caseExact: false }, externalId]);
    this.groups = new ResourceStore(GROUP, [
      { attribute: 'displayName', unique: settings.uniqueGroupName, caseExact: false },
      externalId,
    ]);
  }

  /** Changes the behaviour from the next request on; uniqueness is fixed at the start. */
  configure(settings: Partial<TenantSettings>): void {
    this.settings = { ...this.settings, ...settings };
  }

  /** The user as a GET shows it, found by its `externalId`. */
  user(externalId: string): Json | undefined {
    const stored = this.users.findBy('externalId', externalId);
    return stored && this.show(this.users, stored);
  }

  /** The group as a GET shows it, members included, found by its `displayName`. */
  group(displayName: string): Json | undefined {
    const stored = this.groups.findBy('displayName', displayName);
    return stored && this.show(this.groups, stored);
  }

  show({ kind }: ResourceStore, stored: Stored, excluded: ReadonlySet<string> = new Set()): Json {
    const schemas = [kind.schema, ...Object.keys(kind.extensions).filter((urn) => urn in stored.resource)];
    const shown: Json = { schemas, id: stored.id, ...stored.resource };
    delete shown.password;
    this.#showReferences(kind.name, stored.id, excluded, shown);
    shown.meta = {
      resourceType: kind.name,
      created: stored.created,
      lastModified: stored.modified,
      location: `${this.baseUrl}/${kind.endpoint}/${encodeURIComponent(stored.id)}`,
      ...(this.settings.etag === 'off' ? {} : { version: versionOf(stored) }),
    };
    return shown;
  }

  #showReferences(kind: 'User' | 'Group', id: string, excluded: ReadonlySet<string>, into: Json): void {
    if (kind === 'Group' && !excluded.has('members')) {
      const members = this.members.of(id);
      if (members.length > 0) into.members = members;
    }
    if (kind === 'User' && !excluded.has('groups')) {
      const groups = this.members.groupsOf(id);
      if (groups.length > 0) into.groups = groups.map((value) => ({ value, type: 'direct' }));
    }
  }
}

export const versionOf = (stored: Stored): string => `W/"${stored.version}"`;
