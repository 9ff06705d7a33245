import { z } from 'zod';
import { instant, objectId, objectType, sourceAttributes } from './values.js';

const common = {
  objectId,
  objectType,
  emitterSequence: z.int().nonnegative().optional(),
  occurredAt: instant.optional(),
};

/** What an emitter says about one of its objects; change capture merges, numbers and republishes it. */
export const identityIntake = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('full'),
    enabled: z.boolean().default(true),
    dn: z.string().max(4096).optional(),
    attributes: sourceAttributes,
    memberOf: z.array(objectId).optional(),
    references: z.record(z.string(), objectId).optional(),
  }),
  z.object({
    ...common,
    kind: z.literal('partial'),
    enabled: z.boolean().optional(),
    attributes: sourceAttributes.optional(),
    removedAttributes: z.array(z.string()).optional(),
    addMemberOf: z.array(objectId).optional(),
    removeMemberOf: z.array(objectId).optional(),
  }),
  z.object({ ...common, kind: z.literal('deletion') }),
]);
export type IdentityIntake = z.infer<typeof identityIntake>;
