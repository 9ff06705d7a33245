import type { Schema } from './openapi.js';

/** The TypeScript type of a JSON Schema, as source text. Throws on a schema that it does not understand. */
export function schemaType(schema: Schema, indent = ''): string {
  if (schema.$ref !== undefined) return referenceName(schema.$ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return [...new Set(alternatives.map((option) => schemaType(option, indent)))].join(' | ');
  if (typeof schema.type === 'object') {
    const kinds = schema.type.map((type) => schemaType({ ...schema, type }, indent));
    return [...new Set(kinds)].join(' | ');
  }
  return typeOfKind(schema, indent);
}

function typeOfKind(schema: Schema, indent: string): string {
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `readonly (${schema.items ? schemaType(schema.items, indent) : 'unknown'})[]`;
    case 'object':
      return objectType(schema, indent);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`The type ${JSON.stringify(schema.type)} is not understood.`);
  }
}

function objectType(schema: Schema, indent: string): string {
  const { additionalProperties: rest, properties } = schema;
  if (!properties)
    return `Readonly<Record<string, ${typeof rest === 'object' ? schemaType(rest, indent) : 'unknown'}>>`;
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? '' : '?';
    return `${comment(field.description, inner)}${inner}readonly ${fieldName(name)}${optional}: ${schemaType(field, inner)};\n`;
  });
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fields.join('')}${indent}}`;
}

/** A description as a documentation comment. */
export const comment = (text: string | undefined, indent: string): string =>
  text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '* /')} */\n`;

export const fieldName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function referenceName(reference: string): string {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
  if (name === undefined) throw new Error(`The reference ${reference} is not understood.`);
  return name;
}
