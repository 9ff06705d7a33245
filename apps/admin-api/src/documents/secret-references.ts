import { secretReference, type SecretReference } from '@provisor/contracts';
import { z } from 'zod';

/** Where in a document a secret is referred to. */
export interface SecretPlace {
  readonly path: readonly (string | number)[];
  readonly reference: SecretReference;
}

/**
 * Replaces every reference to a secret in a document. The places are found through the schema, so that a document kind or target
 * type that is added later is covered without a word here. `value` fits `schema`.
 */
export async function mapSecretReferences<T>(
  schema: z.ZodType<T>,
  value: T,
  replace: (place: SecretPlace) => Promise<unknown>,
): Promise<T> {
  return (await walk(schema, value, [], replace)) as T;
}

type Replace = (place: SecretPlace) => Promise<unknown>;
type Path = readonly (string | number)[];

async function walk(schema: z.ZodType, value: unknown, path: Path, replace: Replace): Promise<unknown> {
  if (value === undefined || value === null) return value;
  if (schema === secretReference) return replace({ path, reference: value as SecretReference });
  const inner = innerOf(schema);
  if (inner) return walk(inner, value, path, replace);
  if (schema instanceof z.ZodUnion) {
    const option = (schema.options as z.ZodType[]).find((candidate) => candidate.safeParse(value).success);
    return option ? walk(option, value, path, replace) : value;
  }
  if (schema instanceof z.ZodObject) return walkObject(schema, value as Record<string, unknown>, path, replace);
  if (schema instanceof z.ZodArray)
    return Promise.all(
      (value as unknown[]).map((item, index) => walk(schema.element as z.ZodType, item, [...path, index], replace)),
    );
  return value;
}

async function walkObject(schema: z.ZodObject, value: Record<string, unknown>, path: Path, replace: Replace) {
  const shape = schema.shape as Record<string, z.ZodType>;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, item]): Promise<[string, unknown]> => {
      const field = shape[key];
      return [key, field ? await walk(field, item, [...path, key], replace) : item];
    }),
  );
  return Object.fromEntries(entries);
}

/** The schema inside `optional`, `nullable`, `default` and `prefault`. */
function innerOf(schema: z.ZodType): z.ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return schema.unwrap() as z.ZodType;
  return undefined;
}
