import { globalRegistry, type z } from 'zod';

type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypes['_zod']['def'];
type Path = readonly PropertyKey[];

/** The schemas that can stand at a path of a document with that content: several where a union leaves it open. */
export function schemasAt(schema: Schema, path: Path, content: unknown): readonly Schema[] {
  const open = alternatives(schema, content);
  const [step, ...rest] = path;
  if (step === undefined) return open;
  const inner = isContainer(content) ? (content as Record<PropertyKey, unknown>)[step] : undefined;
  return open.flatMap((alternative) => {
    const child = childAt(alternative, step);
    return child === undefined ? [] : schemasAt(child, rest, inner);
  });
}

/** Keys that an object at a path may have. */
export function keysAt(schema: Schema, path: Path, content: unknown): string[] {
  const keys = schemasAt(schema, path, content).flatMap((found) => {
    const definition = definitionOf(found);
    return definition.type === 'object' ? Object.keys(definition.shape) : [];
  });
  return [...new Set(keys)];
}

/** What a schema at a path says about itself. */
export function descriptionAt(schema: Schema, path: Path, content: unknown): string | undefined {
  let open: readonly Schema[] = [schema];
  let inner: unknown = content;
  for (const step of path) {
    const value = inner;
    open = open.flatMap((each) => alternatives(each, value)).flatMap((each) => childAt(each, step) ?? []);
    inner = isContainer(inner) ? (inner as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return open.map(describe).find((text) => text !== undefined);
}

/** A schema's description, its own or that of what it wraps. */
export function describe(schema: Schema): string | undefined {
  const own = globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const definition = definitionOf(schema);
  return 'innerType' in definition ? describe(definition.innerType) : undefined;
}

/** Wrappers taken off and unions opened; of a union with a discriminator only what the content chooses. */
function alternatives(schema: Schema, content: unknown): Schema[] {
  const definition = definitionOf(schema);
  if ('innerType' in definition) return alternatives(definition.innerType, content);
  if (definition.type !== 'union') return [schema];
  const discriminator = 'discriminator' in definition ? String(definition.discriminator) : undefined;
  const options = definition.options.flatMap((option) => alternatives(option, content));
  if (discriminator === undefined || !isContainer(content)) return options;
  const chosen = (content as Record<string, unknown>)[discriminator];
  return options.filter((option) => accepts(childAt(option, discriminator), chosen));
}

function childAt(schema: Schema, step: PropertyKey): Schema | undefined {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'object':
      return Object.hasOwn(definition.shape, step) ? definition.shape[step as string] : undefined;
    case 'array':
      return definition.element;
    case 'record':
      return definition.valueType;
    default:
      return undefined;
  }
}

function accepts(schema: Schema | undefined, value: unknown): boolean {
  if (schema === undefined) return false;
  const definition = definitionOf(schema);
  if (definition.type === 'literal') return definition.values.some((literal) => literal === value);
  if (definition.type === 'enum') return Object.values(definition.entries).some((entry) => entry === value);
  return false;
}

const definitionOf = (schema: Schema): Definition => (schema as z.core.$ZodTypes)._zod.def;
const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;
