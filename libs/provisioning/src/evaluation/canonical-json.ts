/** JSON with the keys of every object in order, so that equal values give equal text. Values must be JSON. */
export function canonicalJson(value: unknown): string {
  if (isLeaf(value)) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value))
    return value.every(isLeaf) ? JSON.stringify(value) : `[${value.map((item) => canonicalJson(item)).join()}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

const isLeaf = (value: unknown): value is string | number | boolean | null | undefined =>
  typeof value !== 'object' || value === null;
