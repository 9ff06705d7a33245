import type { SourceAttributes, SourceValue } from '@provisor/contracts';
import { DnProblem, parseDn } from './dn.js';
import { EntryView } from './entry-view.js';
import type { Filter } from './filter.js';
import { foldApproximately } from './fold.js';
import { matchingRule, ruleOfAttribute, type MatchingRule } from './matching-rules.js';
import { equalityTest, foldFor, orderingTest, textOf, type ValueTest } from './value-tests.js';

/** Says whether an entry fits. */
export type FilterTest = (entry: EntryView) => boolean;

/** Turns a filter into a test; assertion values are prepared once. A comparison with an attribute that is missing is false. */
export function compileFilter(filter: Filter): FilterTest {
  switch (filter.kind) {
    case 'and': {
      const tests = filter.filters.map(compileFilter);
      return (entry) => tests.every((test) => test(entry));
    }
    case 'or': {
      const tests = filter.filters.map(compileFilter);
      return (entry) => tests.some((test) => test(entry));
    }
    case 'not': {
      const test = compileFilter(filter.filter);
      return (entry) => !test(entry);
    }
    case 'present': {
      const name = filter.attribute.toLowerCase();
      return (entry) => entry.has(name);
    }
    case 'extensible':
      return compileExtensible(filter);
    case 'equal':
    case 'approximate':
    case 'greater-or-equal':
    case 'less-or-equal':
    case 'substrings': {
      const name = filter.attribute.toLowerCase();
      const test = valueTest(filter, ruleOfAttribute(baseName(name)));
      return (entry) => entry.get(name).some(test);
    }
  }
}

/** Whether an object's attributes fit a filter. For many objects compile it once. */
export const matchesFilter = (
  filter: Filter,
  object: { readonly attributes?: SourceAttributes; readonly dn?: string; readonly objectId?: string },
): boolean => compileFilter(filter)(new EntryView(object));

function valueTest(
  filter: Exclude<Filter, { kind: 'and' | 'or' | 'not' | 'present' | 'extensible' }>,
  rule: MatchingRule,
): ValueTest {
  switch (filter.kind) {
    case 'equal':
      return equalityTest(rule, filter.value);
    case 'approximate': {
      const asserted = foldApproximately(textOf(filter.value) ?? '');
      return (value) => foldApproximately(textOf(value) ?? '') === asserted;
    }
    case 'greater-or-equal':
      return orderingTest(filter.value, (order) => order >= 0);
    case 'less-or-equal':
      return orderingTest(filter.value, (order) => order <= 0);
    case 'substrings':
      return substringsTest(filter, rule);
  }
}

function substringsTest(filter: Extract<Filter, { kind: 'substrings' }>, rule: MatchingRule): ValueTest {
  const fold = foldFor(rule);
  const prepared = (part: SourceValue | undefined): string => (part === undefined ? '' : fold(textOf(part) ?? ''));
  const [initial, final] = [prepared(filter.initial), prepared(filter.final)];
  const any = filter.any.map(prepared);
  return (value) => {
    const text = textOf(value);
    if (text === undefined) return false;
    const folded = fold(text);
    if (!folded.startsWith(initial)) return false;
    let at = initial.length;
    for (const part of any) {
      const found = folded.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return folded.length - final.length >= at && folded.endsWith(final);
  };
}

function compileExtensible(filter: Extract<Filter, { kind: 'extensible' }>): FilterTest {
  const asked = filter.rule === undefined ? undefined : matchingRule(filter.rule);
  const name = filter.attribute?.toLowerCase();
  const test = equalityTest(asked ?? ruleOfAttribute(baseName(name ?? '')), filter.value);
  const inAttributes: FilterTest =
    name === undefined
      ? (entry) => [...entry.entries()].some(([, values]) => values.some(test))
      : (entry) => entry.get(name).some(test);
  if (!filter.dn) return inAttributes;
  return (entry) => inAttributes(entry) || dnAttributes(entry.dn, name).some(test);
}

/** Values of the attributes that stand in a DN, of one type or of all. */
function dnAttributes(dn: string | undefined, type: string | undefined): SourceValue[] {
  if (dn === undefined) return [];
  try {
    return parseDn(dn)
      .flat()
      .filter((attribute) => type === undefined || attribute.type.toLowerCase() === type)
      .map((attribute) => attribute.value);
  } catch (error) {
    if (error instanceof DnProblem) return [];
    throw error;
  }
}

const baseName = (attribute: string): string => attribute.split(';', 1)[0] ?? attribute;
