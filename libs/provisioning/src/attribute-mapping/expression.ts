import { Environment, Optional, type ASTNode } from '@marcbachmann/cel-js';
import type { EntryView } from '../scope/entry-view.js';
import { attributeName, estimateCost, type SizeBound } from './expression-cost.js';
import { regexFault } from './safe-regex.js';

/** What an expression can see of an object. */
export interface ExpressionInput {
  readonly objectId: string;
  readonly dn: string;
  readonly enabled: boolean;
  readonly entry: EntryView;
}
export type ExpressionScalar = string | number | boolean;
export type ExpressionAnswer =
  | { readonly ok: true; readonly values: readonly ExpressionScalar[]; readonly list: boolean }
  | { readonly ok: false; readonly message: string };
export type Expression = (input: ExpressionInput) => ExpressionAnswer;

/** An expression that cannot be used. */
export class ExpressionProblem extends Error {
  override readonly name = 'ExpressionProblem';
  readonly code = 'expression.invalid';
}

/** Characters and elements that one evaluation may touch. */
const MAX_COST = 2_000_000;
/** Sizes of source attributes below which the cost was checked once and for all. */
const ASSUMED: SizeBound = { elements: 50, width: 256 };
/** An expression that is too costly even for attributes of this size is refused. */
const MINIMAL: SizeBound = { elements: 4, width: 64 };
const MAX_LENGTH = 10_000;

const environment = new Environment({
  enableOptionalTypes: true,
  limits: { maxAstNodes: 1000, maxDepth: 32, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 },
})
  .registerVariable('attr', 'map<string, list<string>>')
  .registerVariable('objectId', 'string')
  .registerVariable('dn', 'string')
  .registerVariable('enabled', 'bool');

/**
 * Compiles a CEL expression over `attr` (attribute name, without regard to case, to its values), `objectId`, `dn` and
 * `enabled`. Nothing else is visible: no clock, no randomness, no host objects. Throws ExpressionProblem.
 */
export function compileExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new ExpressionProblem(`The expression is longer than ${MAX_LENGTH} characters`);
  const parsed = parse(text);
  const checked = parsed.check();
  if (!checked.valid) throw new ExpressionProblem(inWords(checked.error));
  const reads = new Set<string>();
  let whole = false;
  visit(parsed.ast, (node) => {
    refuseUnsafe(node);
    const name = attributeName(node);
    if (name !== undefined) reads.add(name);
    else if (node.op === 'id' && node.args === 'attr') whole = true;
  });
  // Reading by a computed name shows every attribute; otherwise only those that are named are handed over.
  const needsAll = whole && countAttr(parsed.ast) > countNamed(parsed.ast);
  const names = [...reads].map((name) => [name, name.toLowerCase()] as const);
  if (estimateCost(parsed.ast, sizedAs(MINIMAL)) > MAX_COST)
    throw new ExpressionProblem('Evaluating the expression would cost too much');
  const assumedIsEnough = !needsAll && estimateCost(parsed.ast, sizedAs(ASSUMED)) <= MAX_COST;

  return (input) => {
    const attr = new Map<string, readonly string[]>();
    if (needsAll) for (const [name, values] of input.entry.entries()) attr.set(name, values.map(asText));
    let small = assumedIsEnough && input.dn.length <= ASSUMED.width;
    for (const [name, key] of names) {
      const values = input.entry.get(key);
      if (values.length === 0) continue;
      const texts = values.map(asText);
      attr.set(name, texts);
      small &&= texts.length <= ASSUMED.elements && texts.every((value) => value.length <= ASSUMED.width);
    }
    if (!small && estimateCost(parsed.ast, sizesOf(input, attr)) > MAX_COST)
      return { ok: false, message: 'Evaluating the expression for this object would cost too much.' };
    try {
      return answerOf(parsed({ attr, objectId: input.objectId, dn: input.dn, enabled: input.enabled }));
    } catch (error) {
      return { ok: false, message: inWords(error) };
    }
  };
}

interface Parsed {
  (context: Record<string, unknown>): unknown;
  readonly ast: ASTNode;
  check(): { valid: boolean; error?: unknown };
}

function parse(text: string): Parsed {
  try {
    return environment.parse(text);
  } catch (error) {
    throw new ExpressionProblem(inWords(error), { cause: error });
  }
}

function refuseUnsafe(node: ASTNode): void {
  if (node.op !== 'rcall' || node.args[0] !== 'matches') return;
  const [, , [pattern]] = node.args;
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string')
    throw new ExpressionProblem('The pattern of matches() has to be written in the expression');
  const fault = regexFault(pattern.args);
  if (fault !== undefined) throw new ExpressionProblem(`matches("${pattern.args}"): ${fault}`);
}

function answerOf(result: unknown): ExpressionAnswer {
  const value = result instanceof Optional ? unwrapped(result) : result;
  if (value === null || value === undefined) return { ok: true, values: [], list: false };
  if (!Array.isArray(value)) {
    const scalar = scalarOf(value);
    return scalar === undefined ? wrongResult : { ok: true, values: [scalar], list: false };
  }
  const values: ExpressionScalar[] = [];
  for (const item of value as unknown[]) {
    const scalar = scalarOf(item);
    if (scalar === undefined) return wrongResult;
    values.push(scalar);
  }
  return { ok: true, values, list: true };
}

const unwrapped = (optional: Optional): unknown => (optional.hasValue() ? optional.value() : null);

const wrongResult: ExpressionAnswer = {
  ok: false,
  message: 'The expression gives neither text, number or truth value nor a list of such.',
};

function scalarOf(value: unknown): ExpressionScalar | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'bigint') return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

const sizedAs = (bound: SizeBound) => ({ attribute: () => bound, variable: () => bound });

const sizesOf = (input: ExpressionInput, attr: ReadonlyMap<string, readonly string[]>) => ({
  attribute: (name: string | undefined) => boundIn(attr, name),
  variable: (name: string) => ({ elements: 1, width: name === 'dn' ? input.dn.length : input.objectId.length }),
});

function boundIn(attr: ReadonlyMap<string, readonly string[]>, name: string | undefined): SizeBound {
  const lists = name === undefined ? [...attr.values()] : [attr.get(name) ?? []];
  return {
    elements: Math.max(
      1,
      name === undefined ? attr.size : (lists[0]?.length ?? 1),
      ...lists.map((list) => list.length),
    ),
    width: lists.reduce((widest, list) => Math.max(widest, ...list.map((value) => value.length)), 64),
  };
}

function visit(node: ASTNode, see: (node: ASTNode) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}

function childrenOf(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return [...node.args];
  }
}

function count(ast: ASTNode, counts: (node: ASTNode) => boolean): number {
  let found = 0;
  visit(ast, (node) => {
    if (counts(node)) found++;
  });
  return found;
}
const countAttr = (ast: ASTNode): number => count(ast, (node) => node.op === 'id' && node.args === 'attr');
const countNamed = (ast: ASTNode): number => count(ast, (node) => attributeName(node) !== undefined);

const asText = (value: string | { base64: string }): string => (typeof value === 'string' ? value : value.base64);

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { summary, range } = error as Error & { summary?: unknown; range?: { start?: unknown } };
  const words = typeof summary === 'string' && summary !== '' ? summary : (error.message.split('\n', 1)[0] ?? '');
  return typeof range?.start === 'number' ? `${words} (at character ${range.start + 1})` : words;
}
