import type { SourceValue } from '@provisor/contracts';

/** A search filter (RFC 4515) as parsed. Assertion values are text, or base64 where their bytes are not UTF-8. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'equal' | 'approximate' | 'greater-or-equal' | 'less-or-equal';
      readonly attribute: string;
      readonly value: SourceValue;
    }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      readonly initial?: SourceValue;
      readonly any: readonly SourceValue[];
      readonly final?: SourceValue;
    }
  | {
      readonly kind: 'extensible';
      /** Absent: every attribute. */
      readonly attribute?: string;
      /** Match the attributes of the entry's DN as well. */
      readonly dn: boolean;
      /** Name or object identifier; absent: the attribute's own equality rule. */
      readonly rule?: string;
      readonly value: SourceValue;
    };

/** Text that is no filter, or a filter that cannot be evaluated. */
export class FilterProblem extends Error {
  override readonly name = 'FilterProblem';
  readonly code: string = 'filter.invalid';
  /** Position in the text, from 0. */
  readonly position: number;
  /** What would be right there. */
  readonly expected: string;

  constructor(reason: string, position: number, expected: string) {
    super(`${reason} at position ${position}; expected ${expected}`);
    this.position = position;
    this.expected = expected;
  }
}
