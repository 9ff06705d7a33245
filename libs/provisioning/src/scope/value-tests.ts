import type { SourceValue } from '@provisor/contracts';
import { DnProblem, normalizeDn } from './dn.js';
import { foldCase, foldSpaces } from './fold.js';
import type { MatchingRule } from './matching-rules.js';

/** Says whether one value of an attribute fits. */
export type ValueTest = (value: SourceValue) => boolean;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const INTEGER = /^[+-]?\d{1,100}$/;

/** Text of a value; undefined where its bytes are not UTF-8. */
export function textOf(value: SourceValue): string | undefined {
  if (typeof value === 'string') return value;
  try {
    return strictUtf8.decode(Buffer.from(value.base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** The preparation of values that a rule compares as text. */
export function foldFor(rule: MatchingRule): (text: string) => string {
  switch (rule) {
    case 'case-exact':
      return foldSpaces;
    case 'octets':
      return (text) => text;
    case 'digits':
      return (text) => text.replace(/[\s-]/g, '').toLowerCase();
    case 'dn':
      return foldDn;
    case 'case-ignore':
    case 'integer':
    case 'boolean':
    case 'bit-and':
    case 'bit-or':
      return foldCase;
  }
}

/** Equality under a rule. */
export function equalityTest(rule: MatchingRule, asserted: SourceValue): ValueTest {
  if (typeof asserted !== 'string' || rule === 'octets') return sameBytes(asserted);
  if (rule === 'integer' || rule === 'bit-and' || rule === 'bit-or') return integerTest(rule, asserted);
  const fold = foldFor(rule);
  const wanted = fold(asserted);
  return (value) => {
    const text = textOf(value);
    return text !== undefined && fold(text) === wanted;
  };
}

/** Order of whole numbers where both are such, of folded text otherwise. Times (RFC 4517 section 3.3.13) sort as text. */
export function orderingTest(asserted: SourceValue, holds: (order: number) => boolean): ValueTest {
  const wanted = textOf(asserted);
  if (wanted === undefined) return () => false;
  const number = integerOf(wanted);
  const folded = foldCase(wanted);
  return (value) => {
    const text = textOf(value);
    if (text === undefined) return false;
    const own = number === undefined ? undefined : integerOf(text);
    if (own !== undefined && number !== undefined) return holds(own < number ? -1 : own > number ? 1 : 0);
    const foldedOwn = foldCase(text);
    return holds(foldedOwn < folded ? -1 : foldedOwn > folded ? 1 : 0);
  };
}

function sameBytes(asserted: SourceValue): ValueTest {
  const wanted = bytesOf(asserted);
  return (value) => bytesOf(value).equals(wanted);
}

function integerTest(rule: 'integer' | 'bit-and' | 'bit-or', asserted: string): ValueTest {
  const wanted = integerOf(asserted);
  if (wanted === undefined) return () => false;
  return (value) => {
    const own = integerOf(textOf(value) ?? '');
    if (own === undefined) return false;
    if (rule === 'integer') return own === wanted;
    const common = BigInt.asUintN(64, own) & BigInt.asUintN(64, wanted);
    return rule === 'bit-and' ? common === BigInt.asUintN(64, wanted) : common !== 0n;
  };
}

const bytesOf = (value: SourceValue): Buffer =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value.base64, 'base64');

function integerOf(text: string): bigint | undefined {
  const trimmed = text.trim();
  return INTEGER.test(trimmed) ? BigInt(trimmed.replace('+', '')) : undefined;
}

function foldDn(text: string): string {
  try {
    return normalizeDn(text);
  } catch (error) {
    if (error instanceof DnProblem) return foldCase(text);
    throw error;
  }
}
