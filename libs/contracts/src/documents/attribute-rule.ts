import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const options = {
  /** Used when no source has a value, or when the expression fails. */
  default: z.union([scalar, z.array(scalar)]).optional(),
  createOnly: z.boolean().default(false),
  masked: z.boolean().default(false),
  trim: z.boolean().default(false),
  case: z.enum(['none', 'upper', 'lower']).default('none'),
  /** `cnFromDn`: the common name of a DN; `localPart`: what stands before the @ of a mail address. */
  parse: z.enum(['none', 'cnFromDn', 'localPart']).default('none'),
  /** All values rather than the first one. */
  multiple: z.boolean().default(false),
  /** The type of the value at the target. */
  type: z.enum(['string', 'boolean', 'integer']).default('string'),
};

/** How one target field gets its value. Exactly one of the sources below. */
export const attributeRule = z.union([
  z.string().min(1),
  z.strictObject({ source: z.string().min(1), ...options }),
  /** The first of these that has a value; all of them joined where `join` is given; all values where `multiple`. */
  z.strictObject({ sources: z.array(z.string().min(1)).min(1), join: z.string().optional(), ...options }),
  /** A CEL expression over `attr` (name to list of values), `objectId`, `dn`, `enabled`. */
  z.strictObject({ expression: z.string().min(1).max(10_000), ...options }),
  z.strictObject({ constant: z.union([scalar, z.array(scalar)]), ...options }),
  /** Made by the dispatcher at create, never stored or shown. Implies createOnly and masked. */
  z.strictObject({ generate: z.strictObject({ length: z.int().min(8).max(256).default(24) }), ...options }),
  /** The object that a reference attribute names, as its id at the target. */
  z.strictObject({ reference: z.string().min(1) }),
]);
export type AttributeRule = z.infer<typeof attributeRule>;
