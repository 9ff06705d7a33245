export interface UnnestColumn<R> {
  /** Name of the column and of the field in each row. */
  readonly name: keyof R & string;
  /** PostgreSQL type of the column: `text`, `bigint`, `jsonb`, `timestamptz`, `text[]`, … */
  readonly type: string;
}

export interface UnnestedRows {
  /** For a FROM clause: a derived table `rows` with the columns by name. */
  readonly sql: string;
  /** One array per column, for the placeholders in `sql`. */
  readonly params: unknown[];
}

/**
 * Many rows as one statement with a fixed number of parameters, so that a batch of any size has the same plan:
 *
 *     const rows = unnestRows([{ name: 'id', type: 'text' }, { name: 'data', type: 'jsonb' }], batch);
 *     await tx.query(`INSERT INTO things (id, data) SELECT id, data FROM ${rows.sql} ON CONFLICT …`, rows.params);
 *
 * Rows keep their order if the statement says ORDER BY rows.ordinality. `undefined` is NULL. jsonb columns take values, not text.
 * `firstParameter` is the number of the first placeholder, 1 unless given.
 */
export function unnestRows<R extends object>(
  columns: readonly UnnestColumn<R>[],
  rows: readonly R[],
  firstParameter = 1,
): UnnestedRows {
  const carried = columns.map(({ type }) => (isArray(type) ? 'text' : type));
  const arguments_ = carried.map((type, index) => `$${firstParameter + index}::${type}[]`).join(', ');
  const names = columns.map(({ name }) => quoted(name));
  const selected = columns.map(({ name, type }) =>
    isArray(type) ? `raw.${quoted(name)}::${type} AS ${quoted(name)}` : `raw.${quoted(name)}`,
  );
  return {
    sql: `(SELECT ${selected.join(', ')}, raw.ordinality FROM unnest(${arguments_}) WITH ORDINALITY AS raw(${names.join(', ')}, ordinality)) AS rows`,
    params: columns.map(({ name, type }) => rows.map((row) => carry(row[name], type))),
  };
}

/** unnest() would flatten a column of arrays, so those travel as text literals and are cast back. */
function carry(value: unknown, type: string): unknown {
  if (value === undefined || value === null) return null;
  if (type === 'jsonb' || type === 'json') return JSON.stringify(value);
  if (isArray(type)) return arrayLiteral(value as readonly unknown[]);
  if (typeof value === 'bigint') return value.toString();
  return value;
}

/** PostgreSQL documentation, section 8.15.6: elements in double quotes, quotes and backslashes escaped. */
function arrayLiteral(items: readonly unknown[]): string {
  const quotedItems = items.map((item) => {
    if (item === null || item === undefined) return 'NULL';
    const text = typeof item === 'string' ? item : typeof item === 'bigint' ? item.toString() : JSON.stringify(item);
    return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${quotedItems.join(',')}}`;
}

const isArray = (type: string): boolean => type.endsWith('[]');
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
