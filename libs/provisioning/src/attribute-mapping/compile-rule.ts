import type { AttributeRule, SourceValue, TargetValue } from '@provisor/contracts';
import { convertValue, ConversionProblem, toType, type Conversion, type Scalar } from './convert-value.js';
import { compileExpression, ExpressionProblem, type ExpressionInput } from './expression.js';

/** What a rule makes of one object. No value means that the target field has none. */
export interface RuleAnswer {
  readonly value?: TargetValue;
  /** Something went wrong; where there is a value all the same, a default stepped in. */
  readonly problem?: { readonly code: string; readonly message: string };
}

export interface CompiledRule {
  readonly createOnly: boolean;
  readonly masked: boolean;
  /** The value can be a list. */
  readonly list: boolean;
  /** Source attribute whose reference is carried instead of a value. */
  readonly reference?: string;
  readonly evaluate: (input: ExpressionInput) => RuleAnswer;
}

/** A rule that cannot be used. */
export class RuleProblem extends Error {
  override readonly name = 'RuleProblem';
  readonly code = 'attribute-rule.invalid';
  /** Key of the rule that is wrong. */
  readonly key: string;
  readonly expected: string;

  constructor(key: string, reason: string, expected: string) {
    super(reason);
    this.key = key;
    this.expected = expected;
  }
}

/** Longest value, in characters, and longest list that a rule may give: records have an upper bound. */
export const MAX_VALUE_LENGTH = 262_144;
export const MAX_VALUES = 1000;

type FullRule = Exclude<AttributeRule, string>;
type OptionedRule = Exclude<FullRule, { reference: string }>;
type Options = Omit<Extract<OptionedRule, { source: string }>, 'source'>;
type Gathered =
  | { readonly values: readonly Scalar[]; readonly list?: boolean }
  | { readonly problem: { readonly code: string; readonly message: string } };
type Gather = (input: ExpressionInput) => Gathered;

const PLAIN: Options = {
  createOnly: false,
  masked: false,
  trim: false,
  case: 'none',
  parse: 'none',
  multiple: false,
  type: 'string',
};
const NOTHING: RuleAnswer = {};

/** Prepares a rule. Throws RuleProblem. */
export function compileRule(rule: AttributeRule): CompiledRule {
  if (typeof rule === 'string') return withOptions(gatherSource(rule), PLAIN);
  if ('reference' in rule)
    return {
      createOnly: false,
      masked: false,
      list: false,
      reference: rule.reference.toLowerCase(),
      evaluate: () => NOTHING,
    };
  if ('generate' in rule) {
    const value = { generate: { length: rule.generate.length } };
    return { createOnly: true, masked: true, list: false, evaluate: () => ({ value }) };
  }
  if ('constant' in rule) {
    const value = typed(rule.constant, rule.type, 'constant');
    const answer: RuleAnswer = value === undefined ? NOTHING : { value };
    return { createOnly: rule.createOnly, masked: rule.masked, list: Array.isArray(value), evaluate: () => answer };
  }
  return withOptions(gather(rule), rule);
}

function gather(rule: Exclude<OptionedRule, { generate: unknown } | { constant: unknown }>): Gather {
  if ('source' in rule) return gatherSource(rule.source);
  if ('sources' in rule) return gatherSources(rule.sources, rule.join, rule);
  return gatherExpression(rule.expression);
}

function gatherSource(source: string): Gather {
  const name = source.toLowerCase();
  return ({ entry }) => ({ values: entry.get(name).map(asText) });
}

function gatherSources(sources: readonly string[], join: string | undefined, options: Options): Gather {
  const names = sources.map((source) => source.toLowerCase());
  if (join === undefined) return ({ entry }) => ({ values: names.flatMap((name) => entry.get(name).map(asText)) });
  const part: Conversion = { ...options, type: 'string' };
  return ({ entry }) => {
    const parts = names.flatMap((name) => {
      const values = entry.get(name).map(asText);
      return (options.multiple ? values : values.slice(0, 1)).flatMap((value) => convertValue(value, part) ?? []);
    });
    return { values: parts.length === 0 ? [] : [parts.join(join)], list: false };
  };
}

function gatherExpression(text: string): Gather {
  try {
    const expression = compileExpression(text);
    return (input) => {
      const answer = expression(input);
      return answer.ok ? answer : { problem: { code: 'mapping.expression-failed', message: answer.message } };
    };
  } catch (error) {
    if (!(error instanceof ExpressionProblem)) throw error;
    throw new RuleProblem('expression', error.message, 'a CEL expression over attr, objectId, dn and enabled');
  }
}

function withOptions(gatherValues: Gather, options: Options): CompiledRule {
  const fallback = options.default === undefined ? undefined : typed(options.default, options.type, 'default');
  const orDefault = (answer: RuleAnswer): RuleAnswer =>
    fallback === undefined ? answer : { ...answer, value: fallback };
  return {
    createOnly: options.createOnly,
    masked: options.masked,
    list: options.multiple || Array.isArray(fallback),
    evaluate: (input) => {
      const gathered = gatherValues(input);
      if ('problem' in gathered) return orDefault({ problem: gathered.problem });
      const answer = converted(gathered.values, options, gathered.list !== undefined);
      return answer.value === undefined ? orDefault(answer) : answer;
    },
  };
}

function converted(gathered: readonly Scalar[], options: Options, ordered: boolean): RuleAnswer {
  const values: Scalar[] = [];
  try {
    for (const value of gathered) {
      const next = convertValue(value, options);
      if (next === undefined) continue;
      if (typeof next === 'string' && next.length > MAX_VALUE_LENGTH) return tooLarge;
      if (!options.multiple) return { value: next };
      values.push(next);
      if (values.length > MAX_VALUES) return tooLarge;
    }
  } catch (error) {
    if (error instanceof ConversionProblem) return { problem: { code: error.code, message: error.message } };
    throw error;
  }
  const unique = [...new Set(values)];
  if (unique.length === 0) return NOTHING;
  // A directory gives the values of an attribute in any order; only an expression says which one it means.
  return { value: ordered ? unique : unique.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) };
}

const tooLarge: RuleAnswer = {
  problem: {
    code: 'mapping.too-large',
    message: `The value has more than ${MAX_VALUE_LENGTH} characters, or the list more than ${MAX_VALUES} values.`,
  },
};

function typed(value: Scalar | readonly Scalar[], type: Conversion['type'], key: string): TargetValue | undefined {
  try {
    if (!isList(value)) return value === '' ? undefined : toType(value, type);
    return value.length === 0 ? undefined : value.map((item) => toType(item, type));
  } catch (error) {
    if (!(error instanceof ConversionProblem)) throw error;
    throw new RuleProblem(
      key,
      `The ${key} is not of type ${type}`,
      type === 'boolean' ? 'true or false' : 'a whole number',
    );
  }
}

const isList = (value: Scalar | readonly Scalar[]): value is readonly Scalar[] => Array.isArray(value);
const asText = (value: SourceValue): string => (typeof value === 'string' ? value : value.base64);
