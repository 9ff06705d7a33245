import type { Version } from '@provisor/contracts';

/** Objects by number, so that a trace can carry which object and which version a request is made for. */
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A traceparent that says for which version of which object something is done. */
export const traceOf = (object: number, version: Version): string =>
  `00-${hex(object + 1, 8)}${hex(version.sequence, 12)}${hex(version.config, 12)}-${'1'.repeat(16)}-01`;

export interface Traced {
  readonly object: number;
  readonly version: Version;
}

export function tracedBy(traceparent: string | undefined): Traced | undefined {
  const id = traceparent?.split('-')[1];
  if (id === undefined) return undefined;
  const part = (from: number, to: number): number => Number.parseInt(id.slice(from, to), 16);
  return { object: part(0, 8) - 1, version: { sequence: part(8, 20), config: part(20, 32) } };
}
