import type { VendorProfile } from './vendor-profile.js';

/** A service provider that does what RFC 7643 and RFC 7644 say. */
export const SCIM_2_0: VendorProfile = {
  discovery: { enabled: true, path: '/ServiceProviderConfig', trust: true },
  media: 'scim+json',
  headers: {},
  query: {},
  users: {
    endpoint: '/Users',
    match: ['externalId', 'userName'],
    unique: ['userName'],
    unsupported: [],
    immutable: [],
  },
  groups: {
    endpoint: '/Groups',
    match: ['externalId', 'displayName'],
    unique: [],
    unsupported: [],
    immutable: [],
    supported: true,
    memberFields: ['value'],
    memberRemoveStyle: 'valuePath',
    maxMembersPerPatch: 100,
    listsMembers: true,
  },
  update: {
    verb: 'patch',
    style: 'paths',
    valuePathFilters: true,
    valuePathRemove: true,
    clearStyle: 'remove',
    complexWhole: [],
    maxOps: 0,
    opCase: 'lower',
    booleansAsStrings: false,
  },
  deprovision: { disable: 'patchActive', deleteSemantics: 'hard', allowIrreversible: false },
  paging: { mode: 'index', maxPage: 100 },
  etag: 'off',
  rate: {},
  errors: { uniqueness: [], gone: [], retryable: [], objectScoped: [] },
};
