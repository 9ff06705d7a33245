import { z } from 'zod';
import { name } from '../messages/values.js';
import { attributeRule } from './attribute-rule.js';
import { metadata } from './data-store.js';
import { duration } from './duration.js';
import { secretReference } from './secret.js';

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('bearer'), token: secretReference, scheme: z.string().default('Bearer') }),
  z.strictObject({ type: z.literal('basic'), username: z.string().min(1), password: secretReference }),
]);
export type TargetAuth = z.infer<typeof auth>;

/** Settings of a SCIM service provider (RFC 7644). */
export const scimTarget = z.strictObject({
  type: z.literal('scim'),
  baseUrl: z.url({ protocol: /^https?$/ }).describe('http:// or https:// base URL of the SCIM service'),
  auth,
  vendorProfile: z.string().default('scim-2.0'),
  /** Single keys of the vendor profile, overridden for this SP connection. */
  profile: z.record(z.string(), z.unknown()).default({}),
  timeout: duration.default('60s'),
  /** Allow plain http and private addresses; for development and for service providers inside the own network. */
  allowInsecure: z.boolean().default(false),
});
export type ScimTarget = z.infer<typeof scimTarget>;

export const target = z.discriminatedUnion('type', [scimTarget]);
export type Target = z.infer<typeof target>;
export const TARGET_TYPES = ['scim'] as const;
export type TargetType = (typeof TARGET_TYPES)[number];

const budget = z.strictObject({
  max: z.int().nonnegative().default(50),
  percent: z.number().min(0).max(100).default(5),
  window: duration.default('1h'),
});
export type ChangeBudget = z.infer<typeof budget>;

export const policy = z.strictObject({
  users: z
    .strictObject({
      create: z.boolean().default(true),
      update: z.boolean().default(true),
      /** When a user leaves every scope or is deleted at the source. */
      remove: z.enum(['disable', 'delete', 'keep']).default('disable'),
      /** When a user in scope is disabled at the source. */
      disabled: z.enum(['disable', 'delete', 'keep']).default('disable'),
      /** Create accounts of users that are disabled at the source, as disabled accounts. */
      createDisabled: z.boolean().default(false),
      /** What happens with an account that exists at the target already. */
      match: z.enum(['link-and-update', 'link-only', 'reject']).default('link-and-update'),
    })
    .prefault({}),
  groups: z
    .strictObject({
      create: z.boolean().default(true),
      update: z.boolean().default(true),
      remove: z.enum(['delete', 'keep']).default('delete'),
      match: z.enum(['link-and-update', 'link-only', 'reject']).default('link-and-update'),
    })
    .prefault({}),
  /** Removals (disables and deletes) beyond both bounds of a window are held until somebody approves them. */
  guard: z.strictObject({ removals: budget.prefault({}) }).prefault({}),
  retry: z
    .strictObject({
      initial: duration.default('1s'),
      max: duration.default('5m'),
      /** After so long without success an object counts as failed; it still wakes on any newer desired state. */
      giveUpAfter: duration.default('7d'),
    })
    .prefault({}),
});
export type Policy = z.infer<typeof policy>;

export const limits = z.strictObject({
  /** SP connections with the same scope share one budget; the SP connection's own name where absent. */
  scope: name.optional(),
  requestsPerSecond: z.number().positive().optional(),
  burst: z.int().positive().optional(),
  concurrency: z.int().min(1).max(1000).default(16),
});
export type Limits = z.infer<typeof limits>;

/** Which objects of the data store a channel takes. All that is given must hold. */
const scope = z.strictObject({
  base: z.string().optional(),
  scope: z.enum(['subtree', 'one', 'base']).default('subtree'),
  /** LDAP filter (RFC 4515), evaluated on the captured attributes. */
  filter: z.string().optional(),
  /** DNs or ids of groups; a member of any one of them is in scope. */
  groups: z.array(z.string().min(1)).optional(),
  /** Count members of nested groups as well. */
  nested: z.boolean().default(false),
  /** Taken out even if all else holds. */
  exclude: z.strictObject({ filter: z.string().optional(), groups: z.array(z.string()).optional() }).optional(),
});
export type ChannelScope = z.infer<typeof scope>;

export const channel = z.strictObject({
  name,
  active: z.boolean().default(true),
  dataStore: name,
  users: scope.optional(),
  groups: scope.optional(),
  attributes: z.record(z.string().min(1), attributeRule).default({}),
  /** Mapping of groups; `displayName: cn` where absent. */
  groupAttributes: z.record(z.string().min(1), attributeRule).default({ displayName: 'cn' }),
  /** Carry memberships of users, and of groups in groups, to the target. */
  memberships: z.boolean().default(true),
});
export type Channel = z.infer<typeof channel>;

export const spConnectionSpec = z.strictObject({
  active: z.boolean().default(true),
  target,
  policy: policy.prefault({}),
  limits: limits.prefault({}),
  channels: z.array(channel).min(1),
});
export type SpConnectionSpec = z.infer<typeof spConnectionSpec>;

export const spConnection = z.strictObject({
  apiVersion: z.literal('provisor/v1'),
  kind: z.literal('SpConnection'),
  metadata,
  spec: spConnectionSpec,
});
export type SpConnection = z.infer<typeof spConnection>;

/** The limit scope of an SP connection: the key of its commands. */
export const limitScopeOf = (connection: SpConnection): string =>
  connection.spec.limits.scope ?? connection.metadata.name;
