import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const options = {
  default: z
    .union([scalar, z.array(scalar)])
    .optional()
    .describe('a value used when no source has one, or when the expression fails'),
  createOnly: z.boolean().default(false).describe('sent when the account is created, never afterwards'),
  masked: z
    .boolean()
    .default(false)
    .describe('never shown: sealed on topics and in tables, left out of logs and results'),
  trim: z.boolean().default(false).describe('white space at both ends is removed'),
  case: z.enum(['none', 'upper', 'lower']).default('none').describe('letters are changed to upper or lower case'),
  parse: z
    .enum(['none', 'cnFromDn', 'localPart'])
    .default('none')
    .describe('cnFromDn: the common name of a DN; localPart: what stands before the @ of a mail address'),
  multiple: z.boolean().default(false).describe('all values rather than the first one'),
  type: z.enum(['string', 'boolean', 'integer']).default('string').describe('the type of the value at the target'),
};

/** How one target field gets its value. Exactly one of the sources below. */
export const attributeRule = z
  .union([
    z.string().min(1).describe('the name of a source attribute'),
    z.strictObject({ source: z.string().min(1).describe('the name of a source attribute'), ...options }),
    z.strictObject({
      sources: z
        .array(z.string().min(1))
        .min(1)
        .describe('source attributes: the first that has a value; all of them where join or multiple is given'),
      join: z.string().optional().describe('text between the values of the sources, which are joined to one'),
      ...options,
    }),
    z.strictObject({
      expression: z
        .string()
        .min(1)
        .max(10_000)
        .describe('a CEL expression over attr (name to list of values), objectId, dn and enabled'),
      ...options,
    }),
    z.strictObject({
      constant: z.union([scalar, z.array(scalar)]).describe('the same value for every object'),
      ...options,
    }),
    z.strictObject({
      generate: z
        .strictObject({ length: z.int().min(8).max(256).default(24).describe('number of characters') })
        .describe('made when the account is created, never stored or shown; createOnly and masked are implied'),
      ...options,
    }),
    z.strictObject({
      reference: z
        .string()
        .min(1)
        .describe(
          "a source attribute that names another object, such as manager; sent as that object's id at the target",
        ),
    }),
  ])
  .meta({
    title: 'attribute rule',
    description:
      'the name of a source attribute, or a rule with one of source, sources, expression, constant, generate, reference',
  });
export type AttributeRule = z.infer<typeof attributeRule>;
