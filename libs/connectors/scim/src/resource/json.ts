export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A key of an object whatever its case: attribute names and URNs have none (RFC 7643, section 2.1). */
export function getIgnoringCase(owner: Json, key: string): unknown {
  if (key in owner) return owner[key];
  const lower = key.toLowerCase();
  for (const candidate of Object.keys(owner)) if (candidate.toLowerCase() === lower) return owner[candidate];
  return undefined;
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
