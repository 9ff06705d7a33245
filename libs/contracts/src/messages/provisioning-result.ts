import { z } from 'zod';
import { instant, lane, name, objectId, objectType, version } from './values.js';

/**
 * What an attempt, or the decision not to make one, came to.
 * `applied` the target is as desired now · `unchanged` it was so already · `superseded` a newer version took over ·
 * `skipped` policy says no · `retryable` will be tried again · `rejected` failed until something changes ·
 * `halted` the whole SP connection cannot be used · `held` a guard stopped it.
 */
export const outcomeKind = z.enum([
  'applied',
  'unchanged',
  'superseded',
  'skipped',
  'retryable',
  'rejected',
  'halted',
  'held',
]);
export type OutcomeKind = z.infer<typeof outcomeKind>;

export const operation = z.enum([
  'create',
  'link',
  'update',
  'disable',
  'enable',
  'delete',
  'add-members',
  'remove-members',
  'set-reference',
  'none',
]);
export type Operation = z.infer<typeof operation>;

export const provisioningResult = z.object({
  id: z.string().min(1).max(200).describe('Deterministic: the same attempt or decision always has the same id'),
  spConnection: name,
  objectId,
  objectType,
  channel: name.optional(),
  label: z.string().max(4096).optional(),
  version,
  operation,
  outcome: outcomeKind,
  terminal: z.boolean().describe('True when no further attempt will follow for this version by itself'),
  code: z
    .string()
    .max(100)
    .describe('Stable code from the taxonomy, for example `scim.uniqueness`, `http.timeout`, `policy.create-off`'),
  cause: z.string().max(2000).optional().describe('In words, for people. Never contains a masked value or a secret'),
  remedy: z.string().max(1000).optional().describe('What a person can do about it'),
  changed: z
    .array(z.string())
    .optional()
    .describe('Names of the target paths that were written or cleared; never values'),
  members: z
    .object({ count: z.int(), objectIds: z.array(objectId).max(100) })
    .optional()
    .describe('Names of members for add-members and remove-members, by object id (capped), and their number'),
  readBack: z
    .object({
      verdict: z.enum(['confirmed', 'contradicted', 'unreadable']),
      found: z.enum(['absent', 'inactive', 'active']).optional().describe('How the target showed the account'),
      at: instant,
      httpStatus: z.int().optional(),
    })
    .optional()
    .describe('Proof of a removal: what the target showed when it was asked after it had accepted the removal'),
  targetId: z.string().max(1000).optional(),
  httpStatus: z.int().optional(),
  attempt: z.int().nonnegative(),
  nextAttemptAt: instant.optional(),
  lane: lane.optional(),
  reason: z.string().max(64).optional(),
  occurredAt: instant
    .optional()
    .describe('When the source changed, when the command was made, when the attempt began and ended'),
  mappedAt: instant.optional(),
  startedAt: instant.optional(),
  finishedAt: instant,
  targetMs: z
    .number()
    .nonnegative()
    .optional()
    .describe('Time at the target, in milliseconds, all requests of this attempt together, and their number'),
  requests: z.int().nonnegative().optional(),
  traceId: z.string().optional(),
});
export type ProvisioningResult = z.infer<typeof provisioningResult>;
