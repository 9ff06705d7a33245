import { z } from 'zod';

/** Longest name or id that any record may carry, in characters. */
const MAX_NAME = 512;

/** Name of a data store, an SP connection or a channel: as in a DNS label, so that it fits into keys, URLs and metrics. */
export const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name of 1 to 63 lower-case letters, digits and hyphens')
  .describe('a name of 1 to 63 lower-case letters, digits and hyphens');

/** The immutable id of an object at its data store (entryUUID, objectGUID, primary key). Opaque, case-sensitive. */
export const objectId = z
  .string()
  .min(1)
  .max(MAX_NAME)
  .describe('The immutable id of an object at its data store; opaque, case-sensitive');

export const objectType = z.enum(['user', 'group']);
export type ObjectType = z.infer<typeof objectType>;

/** RFC 3339 instant in UTC. */
export const instant = z.iso.datetime({ offset: true }).describe('RFC 3339 time');

/** One value of a source attribute: text, or bytes as base64. */
export const sourceValue = z.union([z.string(), z.strictObject({ base64: z.base64() })]);
export type SourceValue = z.infer<typeof sourceValue>;

/** Attribute names of the source as it spells them; values always as a list. */
export const sourceAttributes = z.record(z.string().min(1).max(MAX_NAME), z.array(sourceValue));
export type SourceAttributes = z.infer<typeof sourceAttributes>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A value that the dispatcher makes at the moment of a create and that is stored nowhere. `length` in characters. */
export const generatedValue = z.strictObject({ generate: z.strictObject({ length: z.int().min(8).max(256) }) });
export type GeneratedValue = z.infer<typeof generatedValue>;

/**
 * A masked value on its way through topics and tables: `sealed` is a JWE (RFC 7516, compact, dir + A256GCM), `digest` an
 * HMAC-SHA-256 of the value in base64url, so that two sealed values can be compared without opening them.
 */
export const sealedValue = z.strictObject({ sealed: z.string().min(1), digest: z.string().min(1) });
export type SealedValue = z.infer<typeof sealedValue>;

/** One value in the target's terms: scalar, list of scalars or flat objects, flat object, sealed or generated. */
export const targetValue = z.union([
  scalar,
  z.array(z.union([scalar, z.record(z.string(), scalar)])),
  sealedValue,
  generatedValue,
  z.record(z.string(), scalar),
]);
export type TargetValue = z.infer<typeof targetValue>;

/** Target path (`userName`, `name.givenName`, `emails[type eq "work"].value`) to value. A path that is absent has no value. */
export const targetAttributes = z.record(z.string().min(1).max(MAX_NAME), targetValue);
export type TargetAttributes = z.infer<typeof targetAttributes>;

/**
 * Order of two states of one object at one SP connection: by `sequence` of the identity change, then by `config`, the version
 * of the SP connection's document.
 */
export const version = z.strictObject({ sequence: z.int().nonnegative(), config: z.int().nonnegative() });
export type Version = z.infer<typeof version>;

export const presence = z.enum(['active', 'disabled', 'absent']).describe('What the account should be');
export type Presence = z.infer<typeof presence>;

/** Lanes in the order in which they are served. */
export const lane = z.enum(['leaver', 'interactive', 'delta', 'bulk']).describe('Lanes are served in this order');
export type Lane = z.infer<typeof lane>;
export const LANES = lane.options;

/** What a guard has stopped: an account's deletion or disabling, an update that takes values away, or the end of a membership. */
export const holdKind = z
  .enum(['delete', 'disable', 'blank', 'remove-member'])
  .describe('What a guard has stopped; `blank` is an update that leaves attributes without their values');
export type HoldKind = z.infer<typeof holdKind>;
