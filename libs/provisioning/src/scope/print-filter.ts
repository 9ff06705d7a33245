import type { SourceValue } from '@provisor/contracts';
import type { Filter } from './filter.js';

/** The string form of a filter (RFC 4515); parsing it gives the same filter again. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return `(&${filter.filters.map(printFilter).join('')})`;
    case 'or':
      return `(|${filter.filters.map(printFilter).join('')})`;
    case 'not':
      return `(!${printFilter(filter.filter)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'equal':
    case 'approximate':
    case 'greater-or-equal':
    case 'less-or-equal':
      return `(${filter.attribute}${OPERATORS[filter.kind]}${escapeValue(filter.value)})`;
    case 'substrings':
      return `(${filter.attribute}=${[filter.initial ?? '', ...filter.any, filter.final ?? ''].map(escapeValue).join('*')})`;
    case 'extensible':
      return printExtensible(filter);
  }
}

const OPERATORS = { equal: '=', approximate: '~=', 'greater-or-equal': '>=', 'less-or-equal': '<=' } as const;

function printExtensible({ attribute, dn, rule, value }: Extract<Filter, { kind: 'extensible' }>): string {
  return `(${attribute ?? ''}${dn ? ':dn' : ''}${rule === undefined ? '' : `:${rule}`}:=${escapeValue(value)})`;
}

/** A value in a filter: reserved characters and bytes that are not UTF-8 escaped. */
function escapeValue(value: SourceValue): string {
  if (typeof value !== 'string') return [...Buffer.from(value.base64, 'base64')].map(escapeByte).join('');
  return value.replace(/[\0()*\\]/g, (character) => escapeByte(character.charCodeAt(0)));
}

const escapeByte = (byte: number): string => `\\${byte.toString(16).padStart(2, '0')}`;
