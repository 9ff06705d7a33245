import { spConnection, type IdentityChange, type SpConnection } from '@provisor/contracts';
import { compileConnection } from '../connection/compile-connection.js';
import type { CompiledConnection } from '../connection/compiled-connection.js';
import type { GroupResolver } from '../evaluation/evaluation.js';
import type { TargetObjectState } from '../planning/target-object-state.js';

/** A document as a person writes it; defaults are filled in. Tests and measurements start from here. */
type Loose = Record<string, unknown>;

/** One channel over `corp-ldap` that takes everybody below ou=people, and groups below ou=groups. */
export const staffChannel = (overrides: Loose = {}): Loose => ({
  name: 'staff',
  dataStore: 'corp-ldap',
  users: { base: 'ou=people,dc=corp,dc=example' },
  groups: { base: 'ou=groups,dc=corp,dc=example' },
  attributes: { userName: 'uid', 'name.familyName': 'sn' },
  ...overrides,
});

/** An SP connection to a SCIM service; `spec` overrides single parts. */
export const exampleDocument = (spec: Loose = {}): SpConnection =>
  spConnection.parse({
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name: 'slack-prod' },
    spec: {
      target: { type: 'scim', baseUrl: 'https://scim.example/v2', auth: { type: 'none' } },
      channels: [staffChannel()],
      ...spec,
    },
  });

export const exampleConnection = (spec: Loose = {}, configVersion = 1): CompiledConnection =>
  compileConnection(exampleDocument(spec), configVersion);

/** Jane Doe, present and enabled. */
export const jane = (overrides: Partial<IdentityChange> = {}): IdentityChange => ({
  dataStore: 'corp-ldap',
  objectId: 'id-jane',
  objectType: 'user',
  sequence: 1,
  state: 'present',
  enabled: true,
  dn: 'uid=jdoe,ou=people,dc=corp,dc=example',
  attributes: { uid: ['jdoe'], sn: ['Doe'], givenName: ['Jane'], mail: ['jane@corp.example'], employeeType: ['staff'] },
  memberOf: [],
  occurredAt: '2026-03-01T08:00:00Z',
  capturedAt: '2026-03-01T08:00:01Z',
  ...overrides,
});

/** Jane Doe after her entry was deleted. */
export const janeDeleted = (sequence: number): IdentityChange => ({
  dataStore: 'corp-ldap',
  objectId: 'id-jane',
  objectType: 'user',
  sequence,
  state: 'deleted',
  occurredAt: '2026-03-01T08:00:00Z',
  capturedAt: '2026-03-01T08:00:01Z',
});

/** Knows `cn=slack` and `cn=all`, by DN and by id. */
export const exampleGroups: GroupResolver = (_dataStore, dnOrId) =>
  ({
    'cn=slack,ou=groups,dc=corp,dc=example': 'id-slack',
    'id-slack': 'id-slack',
    'cn=all,ou=groups,dc=corp,dc=example': 'id-all',
  })[dnOrId];

/** The dispatcher's view of Jane: desired active, nothing known of the target. */
export const janeAtTarget = (overrides: Partial<TargetObjectState> = {}): TargetObjectState => ({
  objectType: 'user',
  objectId: 'id-jane',
  desired: { presence: 'active', attributes: { userName: 'jdoe', 'name.familyName': 'Doe', externalId: 'id-jane' } },
  createOnly: [],
  masked: [],
  version: { sequence: 1, config: 1 },
  link: null,
  applied: null,
  createIntended: false,
  removed: false,
  ...overrides,
});
