import type { ASTNode } from '@marcbachmann/cel-js';
import { regexExponent } from './safe-regex.js';

/** Upper bounds of a value: number of elements (1 for a scalar) and characters of the largest one. */
export interface SizeBound {
  readonly elements: number;
  readonly width: number;
}
interface CostBound extends SizeBound {
  /** Characters and elements touched to compute it. */
  readonly cost: number;
}
/** Size of a source attribute, or of all of them where no name is given. */
type Attribute = (name: string | undefined) => SizeBound;
type Variables = ReadonlyMap<string, SizeBound>;

const SCALAR: CostBound = { cost: 1, elements: 1, width: 8 };
const SMALL = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||', '!_', '-_']);
const GIVES_SCALAR = new Set(['size', 'startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf']);
const NEVER_GROWS = new Set(['lowerAscii', 'upperAscii', 'trim', 'substring']);
const COMPREHENSIONS = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/**
 * Upper bound of the work that evaluating an expression can cause, in characters and elements touched, given how large the
 * source attributes can be. CEL terminates always; this says how late.
 */
export function estimateCost(
  ast: ASTNode,
  sizes: { attribute: Attribute; variable: (name: string) => SizeBound },
): number {
  const variables = new Map(['objectId', 'dn'].map((name) => [name, sizes.variable(name)]));
  return boundOf(ast, variables, sizes.attribute).cost;
}

function boundOf(node: ASTNode, variables: Variables, attribute: Attribute): CostBound {
  const named = attributeName(node);
  if (named !== undefined) return { ...attribute(named), cost: 1 };
  if (node.op === 'value') return { cost: 1, elements: 1, width: typeof node.args === 'string' ? node.args.length : 8 };
  if (node.op === 'id') return { ...(variables.get(node.args) ?? wholeOrScalar(node.args, attribute)), cost: 1 };
  return boundOfOperation(node, variables, attribute);
}

const wholeOrScalar = (name: string, attribute: Attribute): SizeBound =>
  name === 'attr' ? attribute(undefined) : SCALAR;

function boundOfOperation(
  node: Exclude<ASTNode, { op: 'value' | 'id' }>,
  variables: Variables,
  attribute: Attribute,
): CostBound {
  const inner = (child: ASTNode): CostBound => boundOf(child, variables, attribute);
  switch (node.op) {
    case 'call':
      return call(node.args[0], node.args[1].map(inner));
    case 'rcall':
      return receiverCall(node, variables, attribute);
    case 'list':
      return collected(node.args.map(inner));
    case 'map':
      return collected(node.args.flat().map(inner));
    case '?:':
      return choice(node.args.map(inner));
    case '.':
    case '.?':
      return element(inner(node.args[0]), SCALAR);
    case '[]':
    case '[?]':
      return element(inner(node.args[0]), inner(node.args[1]));
    case '!_':
    case '-_':
      return { ...SCALAR, cost: 1 + inner(node.args).cost };
    default:
      return binary(node.op, inner(node.args[0]), inner(node.args[1]));
  }
}

function binary(op: string, left: CostBound, right: CostBound): CostBound {
  const cost = left.cost + right.cost + total(left) + total(right);
  if (SMALL.has(op)) return { ...SCALAR, cost };
  return {
    cost,
    elements: left.elements === 1 && right.elements === 1 ? 1 : left.elements + right.elements,
    width: left.width + right.width,
  };
}

type ReceiverCall = Extract<ASTNode, { op: 'rcall' }>;

function receiverCall(node: ReceiverCall, variables: Variables, attribute: Attribute): CostBound {
  const [method, receiver, args] = node.args;
  const bound = boundOf(receiver, variables, attribute);
  const [first, second, third] = args;
  const variable = first?.op === 'id' ? first.args : undefined;
  if (COMPREHENSIONS.has(method) && variable !== undefined) {
    const scope = new Map(variables).set(variable, { elements: bound.width, width: bound.width });
    const steps = args.slice(1).map((step) => boundOf(step, scope, attribute));
    const cost = bound.cost + bound.elements * (1 + steps.reduce((sum, step) => sum + step.cost, 0));
    const last = steps.at(-1);
    if (method === 'map' && last !== undefined) return { cost, elements: bound.elements, width: total(last) };
    return method === 'filter' ? { ...bound, cost } : { ...SCALAR, cost };
  }
  if (method === 'bind' && variable !== undefined && second !== undefined && third !== undefined) {
    const value = boundOf(second, variables, attribute);
    const result = boundOf(third, new Map(variables).set(variable, value), attribute);
    return { ...result, cost: value.cost + result.cost };
  }
  const given = args.map((arg) => boundOf(arg, variables, attribute));
  if (method === 'matches') return matches(bound, first);
  return methodCall(method, bound, given);
}

function methodCall(method: string, receiver: CostBound, args: readonly CostBound[]): CostBound {
  const cost = receiver.cost + total(receiver) + args.reduce((sum, arg) => sum + arg.cost + total(arg), 0);
  if (GIVES_SCALAR.has(method)) return { ...SCALAR, cost };
  if (NEVER_GROWS.has(method)) return { ...receiver, cost };
  switch (method) {
    case 'split':
      return { cost, elements: receiver.width + 1, width: receiver.width };
    case 'join':
      return { cost, elements: 1, width: receiver.elements * (receiver.width + (args[0]?.width ?? 0)) };
    case 'orValue':
      return { ...larger(receiver, args[0] ?? SCALAR), cost };
    default: {
      const width = 4 * total(receiver) + args.reduce((sum, arg) => sum + total(arg), 0);
      return { cost, elements: receiver.elements, width };
    }
  }
}

/** Backtracking makes a search cost the length to the power of the unbounded repetitions. */
function matches(receiver: CostBound, pattern: ASTNode | undefined): CostBound {
  const text = pattern?.op === 'value' && typeof pattern.args === 'string' ? pattern.args : '';
  return {
    ...SCALAR,
    cost: receiver.cost + text.length + Math.max(1, receiver.width) ** Math.max(1, regexExponent(text)),
  };
}

const call = (name: string, args: readonly CostBound[]): CostBound => {
  const cost = 1 + args.reduce((sum, arg) => sum + arg.cost + total(arg), 0);
  if (name === 'size' || name === 'has' || name === 'type') return { ...SCALAR, cost };
  const widest = args.reduce(larger, SCALAR);
  return { cost, elements: widest.elements, width: 4 * widest.width };
};

const collected = (items: readonly CostBound[]): CostBound => ({
  cost: 1 + items.reduce((sum, item) => sum + item.cost, 0),
  elements: Math.max(1, items.length),
  width: items.reduce((widest, item) => Math.max(widest, total(item)), 0),
});

/** One element of a list is at most as wide as the widest; where it is a list itself it has no more elements than characters. */
const element = (bound: CostBound, index: CostBound): CostBound => ({
  cost: bound.cost + index.cost,
  elements: 1,
  width: bound.width,
});
const choice = (parts: readonly CostBound[]): CostBound => ({
  ...parts.slice(1).reduce(larger, SCALAR),
  cost: parts.reduce((sum, part) => sum + part.cost, 0),
});
const larger = (a: CostBound, b: CostBound): CostBound => ({
  cost: Math.max(a.cost, b.cost),
  elements: Math.max(a.elements, b.elements),
  width: Math.max(a.width, b.width),
});
const total = (bound: SizeBound): number => bound.elements * Math.max(1, bound.width);

/** The source attribute that a node reads, such as `attr.mail`, `attr.?mail` or `attr["mail"]`. */
export function attributeName(node: ASTNode): string | undefined {
  if ((node.op === '.' || node.op === '.?') && isAttr(node.args[0])) return node.args[1];
  if ((node.op === '[]' || node.op === '[?]') && isAttr(node.args[0])) {
    const [, key] = node.args;
    return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
  }
  return undefined;
}

const isAttr = (node: ASTNode): boolean => node.op === 'id' && node.args === 'attr';
