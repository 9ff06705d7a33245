import type { JsonSchema } from './json-schemas.js';

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** One row for each field of an object schema: name, type with default, description. A star marks what must be given. */
export function fieldRows(schema: JsonSchema, prefix = ''): string[][] {
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  return Object.entries((schema['properties'] as Record<string, JsonSchema> | undefined) ?? {}).flatMap(
    ([name, field]) => {
      const path = `${prefix}${name}`;
      const own = [`\`${path}\`${required.has(name) ? '*' : ''}`, typeInWords(field), sentence(field['description'])];
      return field['properties'] === undefined ? [own] : [own, ...fieldRows(field, `${path}.`)];
    },
  );
}

/** A schema's type and default in few words. */
export function typeInWords(schema: JsonSchema): string {
  const fallback = schema['default'];
  const shownDefault =
    fallback === undefined || isEmptyObject(fallback) ? '' : `, default \`${JSON.stringify(fallback)}\``;
  return `${kindOf(schema)}${shownDefault}`;
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function kindOf(schema: JsonSchema): string {
  if (typeof schema['title'] === 'string') return schema['title'];
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${String(value)}\``).join(', ');
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) return [...new Set((branches as JsonSchema[]).map(kindOf))].join(' or ');
  switch (schema['type']) {
    case 'array':
      return `list of ${kindOf((schema['items'] as JsonSchema | undefined) ?? {})}`;
    case 'object':
      return objectKind(schema);
    case 'string':
      return schema['format'] === 'date-time' ? 'time' : schema['format'] === 'uri' ? 'URL' : 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    case undefined:
      return 'any value';
    default:
      return String(schema['type']);
  }
}

function objectKind(schema: JsonSchema): string {
  const values = schema['additionalProperties'];
  if (schema['properties'] === undefined && typeof values === 'object')
    return `map of name to ${kindOf(values as JsonSchema)}`;
  const keys = Object.keys((schema['properties'] as object | undefined) ?? {});
  return keys.length > 0 && keys.length <= 2 ? `{ ${keys.join(', ')} }` : 'object';
}

function sentence(text: unknown): string {
  if (typeof text !== 'string' || text === '') return '';
  const begun = /^[a-z]+[ ,;]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
