import { z } from 'zod';
import { schemaNames } from './schema-names.js';

export type JsonSchema = Record<string, unknown>;
type Io = 'input' | 'output';

/**
 * Collects JSON Schemas (2020-12) of zod schemas as OpenAPI components. A schema whose request and response forms differ, because
 * defaults may be left out of a request, appears twice: as `Name` and as `NameInput`.
 */
export class SchemaComponents {
  readonly #components = new Map<string, JsonSchema>();

  get components(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#components].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The schema as it stands where it is used: a reference when it has a name. Outputs have to be asked for before inputs. */
  schema(schema: z.ZodType, io: Io): JsonSchema {
    const raw = z.toJSONSchema(schema, {
      io,
      metadata: schemaNames,
      unrepresentable: 'throw',
      override: ({ zodSchema, jsonSchema }) => {
        const description = z.globalRegistry.get(zodSchema)?.description;
        if (description !== undefined) jsonSchema.description ??= description;
      },
    }) as JsonSchema;
    const { $defs, ...body } = withoutDialect(raw);
    const definitions = ($defs ?? {}) as Record<string, JsonSchema>;
    const own = typeof body['id'] === 'string' ? body['id'] : undefined;
    if (own !== undefined) definitions[own] = body;
    const names = this.#add(definitions, io);
    if (own !== undefined) return { $ref: `#/components/schemas/${names.get(own) ?? own}` };
    return tidy(body, names, io) as JsonSchema;
  }

  #add(definitions: Record<string, JsonSchema>, io: Io): Map<string, string> {
    const names = new Map(Object.keys(definitions).map((id) => [id, id]));
    for (let settled = false; !settled;) settled = this.#rename(definitions, names, io);
    for (const [id, name] of names) this.#components.set(name, tidy(definitions[id], names, io) as JsonSchema);
    return names;
  }

  /** Gives the suffix to what differs from the component of the same name; true when nothing had to be renamed any more. */
  #rename(definitions: Record<string, JsonSchema>, names: Map<string, string>, io: Io): boolean {
    if (io === 'output') return true;
    const clashing = [...names].filter(([id, name]) => {
      const known = this.#components.get(name);
      return name === id && known !== undefined && !same(known, tidy(definitions[id], names, io));
    });
    for (const [id] of clashing) names.set(id, `${id}Input`);
    return clashing.length === 0;
  }
}

/** The dialect is said once, by the OpenAPI version. */
const withoutDialect = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** References to components; nothing that says no more than the type does; responses stay open for additions. */
function tidy(node: unknown, names: ReadonlyMap<string, string>, io: Io): unknown {
  if (Array.isArray(node)) return node.map((item) => tidy(item, names, io));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node as JsonSchema).flatMap(([key, value]): [string, unknown][] => {
    if (key === '$ref' && typeof value === 'string') return [[key, componentReference(value, names)]];
    if (key === 'id' && names.has(String(value))) return [];
    if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) return [];
    if (key === 'pattern' && (node as JsonSchema)['format'] === 'date-time') return [];
    if (key === 'additionalProperties' && value === false && io === 'output') return [];
    return [[key, tidy(value, names, io)]];
  });
  return Object.fromEntries(entries);
}

function componentReference(reference: string, names: ReadonlyMap<string, string>): string {
  const id = reference.slice('#/$defs/'.length);
  return `#/components/schemas/${names.get(id) ?? id}`;
}
