import { z } from 'zod';
import { instant, name, objectId, objectType, sourceAttributes } from './values.js';

/** Fact: what one object of a data store is now, or that it is gone. Never a delta. */
export const identityChange = z.object({
  dataStore: name,
  objectId,
  objectType,
  sequence: z.int().positive().describe('Strictly increasing per object; never reused with other content'),
  state: z.enum(['present', 'deleted']).describe('A deleted object has neither attributes nor memberships'),
  enabled: z
    .boolean()
    .optional()
    .describe("Account status as the data store's rule reads it; absent for a deleted object"),
  dn: z.string().max(4096).optional().describe('Where the data store has one'),
  attributes: sourceAttributes.optional().describe('All attributes that were read; absent for a deleted object'),
  memberOf: z.array(objectId).optional().describe('Ids of the groups that name this object as a member'),
  memberOfNested: z
    .array(objectId)
    .optional()
    .describe('Transitive closure of `memberOf`, present where a channel of some SP connection needs it'),
  references: z
    .record(z.string(), objectId)
    .optional()
    .describe('Attribute values that name another object, by attribute name'),
  changed: z.array(z.string()).optional().describe('A hint for people; never needed for correctness'),
  snapshot: z
    .boolean()
    .optional()
    .describe('True for a record that belongs to an initial or full read rather than to a live change'),
  occurredAt: instant.describe('When the data store says that it changed'),
  occurredAtFrom: z
    .enum(['source', 'detection'])
    .optional()
    .describe('Who says when it occurred: the data store, finer than a second, or change capture, when it noticed'),
  capturedAt: instant.describe('When change capture saw it'),
});
export type IdentityChange = z.infer<typeof identityChange>;
