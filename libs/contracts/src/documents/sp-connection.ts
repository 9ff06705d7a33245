import { z } from 'zod';
import { name } from '../messages/values.js';
import { attributeRule } from './attribute-rule.js';
import { metadata } from './data-store.js';
import { duration, durationMs } from './duration.js';
import { secretReference } from './secret.js';

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none').describe('no authentication') }),
  z.strictObject({
    type: z.literal('bearer').describe('a bearer token (RFC 6750)'),
    token: secretReference,
    scheme: z.string().default('Bearer').describe('the first word of the Authorization header'),
  }),
  z.strictObject({
    type: z.literal('basic').describe('user name and password (RFC 7617)'),
    username: z.string().min(1).describe('the user name'),
    password: secretReference,
  }),
]);
export type TargetAuth = z.infer<typeof auth>;

/** Settings of a SCIM service provider (RFC 7644). */
export const scimTarget = z.strictObject({
  type: z.literal('scim').describe('a SCIM 2.0 service provider (RFC 7644)'),
  baseUrl: z.url({ protocol: /^https?$/ }).describe('http:// or https:// base URL of the SCIM service'),
  auth: auth.describe('how Provisor proves who it is'),
  vendorProfile: z
    .string()
    .default('scim-2.0')
    .describe('the name of the data that describes deviations and limits of the service provider'),
  profile: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('single keys of the vendor profile, overridden for this SP connection'),
  timeout: duration.default('60s').describe('longest wait for an answer'),
  allowInsecure: z
    .boolean()
    .default(false)
    .describe('allow plain http and private addresses, for development and for service providers in the own network'),
});
export type ScimTarget = z.infer<typeof scimTarget>;

export const target = z.discriminatedUnion('type', [scimTarget]);
export type Target = z.infer<typeof target>;
export const TARGET_TYPES = ['scim'] as const;
export type TargetType = (typeof TARGET_TYPES)[number];

const budgetOf = (share: string, usual: { max: number; percent: number }) =>
  z.strictObject({
    max: z.int().nonnegative().default(usual.max).describe('so many in a window are never held'),
    percent: z
      .number()
      .min(0)
      .max(100)
      .default(usual.percent)
      .describe(`such a share of the ${share} in a window is never held`),
    window: duration.default('1h').describe('the time over which is counted'),
  });
const budget = budgetOf('accounts', { max: 50, percent: 5 });
export type ChangeBudget = z.infer<typeof budget>;

export const policy = z.strictObject({
  users: z
    .strictObject({
      create: z.boolean().default(true).describe('accounts may be created'),
      update: z
        .boolean()
        .default(true)
        .describe('accounts may be changed and enabled again; they are disabled all the same'),
      remove: z
        .enum(['disable', 'delete', 'keep'])
        .default('disable')
        .describe('what happens when a user leaves every scope or is deleted at the source'),
      disabled: z
        .enum(['disable', 'delete', 'keep'])
        .default('disable')
        .describe('what happens when a user in scope is disabled at the source'),
      createDisabled: z
        .boolean()
        .default(false)
        .describe('accounts of users that are disabled at the source are created, as disabled accounts'),
      match: z
        .enum(['link-and-update', 'link-only', 'reject'])
        .default('link-and-update')
        .describe('what happens with an account that exists at the target already'),
    })
    .prefault({})
    .describe('what may be done with accounts of users'),
  groups: z
    .strictObject({
      create: z.boolean().default(true).describe('groups may be created'),
      update: z.boolean().default(true).describe('groups may be changed'),
      remove: z
        .enum(['delete', 'keep'])
        .default('delete')
        .describe('what happens when a group leaves every scope or is deleted at the source'),
      match: z
        .enum(['link-and-update', 'link-only', 'reject'])
        .default('link-and-update')
        .describe('what happens with a group that exists at the target already'),
    })
    .prefault({})
    .describe('what may be done with groups'),
  guard: z
    .strictObject({
      removals: budget
        .prefault({})
        .describe(
          'removals (disables and deletes) beyond both bounds of a window are held until somebody approves them',
        ),
      memberships: budgetOf('memberships', { max: 500, percent: 5 })
        .extend({
          perGroup: budgetOf('members', { max: 100, percent: 25 })
            .prefault({})
            .describe('the same for each single group'),
        })
        .prefault({})
        .describe('ends of memberships beyond both bounds are held; those of accounts that are removed do not count'),
      blanks: budgetOf('accounts', { max: 100, percent: 5 })
        .prefault({})
        .describe(
          'updates that leave an attribute without its value, beyond both bounds, are held; accounts are counted',
        ),
    })
    .prefault({})
    .describe('mass changes that a person has to approve'),
  readBack: z
    .enum(['leavers', 'never'])
    .default('leavers')
    .describe('whether the target is asked after it accepted the removal of who leaves, so that the result proves it'),
  retry: z
    .strictObject({
      initial: duration.default('1s').describe('ceiling of the wait after the first attempt, doubled each time'),
      max: duration.default('5m').describe('ceiling of every wait'),
      giveUpAfter: duration
        .default('7d')
        .describe('after so long without success an object counts as failed until its desired state changes'),
    })
    .prefault({})
    .describe('how passing trouble is met'),
  reconcile: z
    .strictObject({
      every: duration
        .optional()
        .describe(
          'how often everything at the target is read and compared, in slices; only when somebody asks where absent',
        ),
      repair: z
        .boolean()
        .default(false)
        .describe(
          'a scheduled comparison writes again what has drifted and creates again what is missing, within the guards',
        ),
      reportOnly: z
        .array(z.string().min(1))
        .default([])
        .describe('target paths that are reported when they have drifted, and never repaired'),
      unknown: z
        .enum(['report', 'adopt'])
        .default('report')
        .describe(
          'accounts at the target that belong to no object: report; adopt: one that matches an object without account is linked as the match rule says. They are never changed otherwise and never removed',
        ),
      unknownMembers: z
        .enum(['report', 'remove'])
        .default('report')
        .describe(
          'members of our groups that nothing here made members: report; remove: a comparison that repairs removes those whose accounts are ours, within the guards. Accounts that belong to no object stay members in any case',
        ),
    })
    .prefault({})
    .describe('comparison with what the target really has'),
});
export type Policy = z.infer<typeof policy>;

/** Malformed durations are refused by their own rule. */
function isWindow(text: string): boolean {
  try {
    const ms = durationMs(text);
    return ms >= durationMs('1m') && ms <= durationMs('1d');
  } catch {
    return true;
  }
}

const requestWindow = z.strictObject({
  requests: z.int().positive().describe('most requests in any span of that length'),
  per: duration.refine(isWindow, 'from 1m to 1d').describe('length of the window, from 1m to 1d'),
});

export const limits = z.strictObject({
  scope: name
    .optional()
    .describe('a name; SP connections with the same one share one budget. The name of the SP connection where absent'),
  requestsPerSecond: z.number().positive().optional().describe('most requests per second'),
  burst: z.int().positive().optional().describe('most requests at once after a pause'),
  windows: z
    .array(requestWindow)
    .max(4)
    .optional()
    .describe('budgets over longer spans, counted across restarts and all connections of the scope'),
  concurrency: z.int().min(1).max(1000).default(16).describe('most objects in work at once'),
});
export type Limits = z.infer<typeof limits>;

/** Which objects of the data store a channel takes. All that is given must hold. */
const scope = z.strictObject({
  base: z.string().optional().describe('a DN at or below which the objects are'),
  scope: z
    .enum(['subtree', 'one', 'base'])
    .default('subtree')
    .describe('subtree: the base and everything below; one: right below it; base: the base itself'),
  filter: z.string().optional().describe('an LDAP filter (RFC 4515), evaluated on the captured attributes'),
  groups: z
    .array(z.string().min(1))
    .optional()
    .describe('DNs or ids of groups; a member of any one of them is in scope'),
  nested: z.boolean().default(false).describe('members of nested groups count as well'),
  exclude: z
    .strictObject({
      filter: z.string().optional().describe('an LDAP filter; whoever fits is not in scope'),
      groups: z.array(z.string()).optional().describe('DNs or ids of groups; their members are not in scope'),
    })
    .optional()
    .describe('taken out even if all else holds'),
});
export type ChannelScope = z.infer<typeof scope>;

export const channel = z.strictObject({
  name,
  active: z.boolean().default(true).describe('an inactive channel tells nothing and removes nobody'),
  dataStore: name.describe('the name of a data store'),
  users: scope.optional().describe('which users are taken; none where absent, all of the data store with {}'),
  groups: scope.optional().describe('which groups are taken; none where absent, all of the data store with {}'),
  attributes: z
    .record(z.string().min(1), attributeRule)
    .default({})
    .describe('the attribute mapping of users: target path to rule'),
  groupAttributes: z
    .record(z.string().min(1), attributeRule)
    .default({ displayName: 'cn' })
    .describe('the attribute mapping of groups: target path to rule'),
  memberships: z
    .boolean()
    .default(true)
    .describe('memberships of users, and of groups in groups, are carried to the target'),
});
export type Channel = z.infer<typeof channel>;

export const spConnectionSpec = z.strictObject({
  active: z.boolean().default(true).describe('an inactive SP connection tells nothing and removes nobody'),
  target: target.describe('the service provider and how it is reached'),
  policy: policy.prefault({}).describe('what may be done at the service provider'),
  limits: limits.prefault({}).describe('how much may be asked of the service provider'),
  channels: z
    .array(channel)
    .min(1)
    .describe('scopes with attribute mappings; the first whose scope holds takes an object'),
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
