import type { NamedProfile } from './vendor-profile.js';

/** Vendor profiles by name. Each holds only what its service provider does differently. */
export const NAMED_PROFILES: readonly NamedProfile[] = [
  { name: 'scim-2.0', deviations: {} },
  {
    name: 'aws-iam-identity-center',
    deviations: {
      users: {
        match: ['externalId', 'userName'],
        unsupported: ['password', 'groups', 'ims', 'photos', 'entitlements', 'x509Certificates', 'roles'],
      },
      // Members are never shown.
      groups: { maxMembersPerPatch: 100, memberRemoveStyle: 'arrayValue', listsMembers: false },
      update: { valuePathFilters: false },
      paging: { maxPage: 50 },
    },
  },
  {
    // A DELETE of a user deactivates; the limits are those of the organisation, over all of its SCIM apps together.
    name: 'slack',
    deviations: {
      deprovision: { deleteSemantics: 'soft' },
      rate: {
        write: { perMinute: 600, burst: 180 },
        read: { perMinute: 1000 },
        createUser: { perMinute: 180, burst: 20 },
      },
    },
  },
  {
    // Enterprise Managed Users and Enterprise Server. A deleted identity cannot be brought back.
    name: 'github-emu',
    deviations: {
      update: { style: 'noPathObject', valuePathFilters: false },
      deprovision: { deleteSemantics: 'irreversible' },
      rate: { createUser: { perHour: 1000 }, addMember: { perHour: 1000 } },
    },
  },
  {
    // @better-auth/scim 1.7
    name: 'better-auth',
    deviations: {
      users: { unsupported: ['password'] },
      groups: { maxMembersPerPatch: 1000 },
      update: { valuePathRemove: false },
      paging: { maxPage: 100 },
    },
  },
  {
    // SCIMMY 1.3 behind Express 4. Its ETag is a hash of the body and means nothing.
    name: 'scimmy',
    deviations: { etag: 'off', paging: { maxPage: 200 } },
  },
];
