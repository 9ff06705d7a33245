const NOT_IN_JSONB = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON of a value as PostgreSQL's jsonb accepts it: U+0000 and lone surrogates, which it refuses, become U+FFFD. `JSON.stringify`
 * escapes exactly these and writes paired surrogates as they are, so that the escapes can be told from text.
 */
export function jsonbText(value: unknown): string {
  return JSON.stringify(value).replace(NOT_IN_JSONB, '$1\\ufffd');
}
