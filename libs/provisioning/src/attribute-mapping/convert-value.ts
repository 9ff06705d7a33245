import { DnProblem, parseDn } from '../scope/dn.js';

export type Scalar = string | number | boolean;
export interface Conversion {
  readonly trim: boolean;
  readonly case: 'none' | 'upper' | 'lower';
  readonly parse: 'none' | 'cnFromDn' | 'localPart';
  readonly type: 'string' | 'boolean' | 'integer';
}

/** The value in the target's terms; undefined where nothing is left of it. Throws ConversionProblem where it does not have the type. */
export function convertValue(value: Scalar, conversion: Conversion): Scalar | undefined {
  if (typeof value !== 'string') return toType(value, conversion.type);
  let text: string | undefined = value;
  if (conversion.parse === 'cnFromDn') text = commonName(value);
  else if (conversion.parse === 'localPart') text = localPart(value);
  if (text === undefined) return undefined;
  if (conversion.trim) text = text.trim();
  if (conversion.case === 'upper') text = text.toUpperCase();
  else if (conversion.case === 'lower') text = text.toLowerCase();
  // An empty value and a missing one are the same (targets tell them apart in different ways or not at all).
  return text === '' ? undefined : toType(text, conversion.type);
}

/** A value that does not have the type that the target wants. */
export class ConversionProblem extends Error {
  override readonly name = 'ConversionProblem';
  readonly code = 'mapping.type';
}

const INTEGER = /^[+-]?\d{1,16}$/;

/** Converts a scalar to a type of the target. Throws ConversionProblem; the value is not in its message. */
export function toType(value: Scalar, type: Conversion['type']): Scalar {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : String(value);
    case 'boolean': {
      const text = String(value).trim().toLowerCase();
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new ConversionProblem('The value is neither true nor false.');
    }
    case 'integer': {
      const text = String(value).trim();
      const number = Number(text);
      if (!INTEGER.test(text) || !Number.isSafeInteger(number))
        throw new ConversionProblem('The value is not a whole number.');
      return number;
    }
  }
}

function commonName(text: string): string | undefined {
  try {
    return parseDn(text)
      .flat()
      .find(({ type }) => type.toLowerCase() === 'cn' || type === '2.5.4.3')?.value;
  } catch (error) {
    if (error instanceof DnProblem) return undefined;
    throw error;
  }
}

function localPart(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 ? text : text.slice(0, at);
}
