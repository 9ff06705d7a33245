import { z } from 'zod';
import { instant, name, objectId, objectType, sourceAttributes } from './values.js';

/** Fact: what one object of a data store is now, or that it is gone. Never a delta. */
export const identityChange = z.object({
  dataStore: name,
  objectId,
  objectType,
  /** Strictly increasing per object; never reused with other content. */
  sequence: z.int().positive(),
  state: z.enum(['present', 'deleted']),
  /** Account status as the data store's rule reads it; absent for a deleted object. */
  enabled: z.boolean().optional(),
  /** Where the data store has one. */
  dn: z.string().max(4096).optional(),
  /** All attributes that were read; absent for a deleted object. */
  attributes: sourceAttributes.optional(),
  /** Ids of the groups that name this object as a member. */
  memberOf: z.array(objectId).optional(),
  /** Transitive closure of `memberOf`, present where a channel of some SP connection needs it. */
  memberOfNested: z.array(objectId).optional(),
  /** Attribute values that name another object, by attribute name. */
  references: z.record(z.string(), objectId).optional(),
  /** A hint for people; never needed for correctness. */
  changed: z.array(z.string()).optional(),
  /** True for a record that belongs to an initial or full read rather than to a live change. */
  snapshot: z.boolean().optional(),
  occurredAt: instant,
  capturedAt: instant,
});
export type IdentityChange = z.infer<typeof identityChange>;
