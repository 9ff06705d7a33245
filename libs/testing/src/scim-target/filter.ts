import { definitionOf, extensionOf, type Definition, type ResourceKind } from './definitions.js';
import { isObject, isUnassigned, type Json } from './resource.js';
import { ScimError } from './scim-error.js';

/** RFC 7644, section 3.4.2.2. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'elements'; readonly attribute: Definition; readonly inner: Filter }
  | { readonly kind: 'compare'; readonly attribute: Attribute; readonly operator: string; readonly value: unknown };

/** An attribute path, resolved against the schema. */
export interface Attribute {
  readonly extension?: string;
  readonly definition: Definition;
  readonly sub?: Definition;
}

const TOKEN = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([A-Za-z0-9_$.:+-]+))/y;
const OPERATORS = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);

const invalid = (why: string) => new ScimError(400, why, 'invalidFilter');

/** Parses a filter over the attributes of a resource kind. Throws a ScimError (invalidFilter). */
export function parseFilter(kind: ResourceKind, source: string): Filter {
  return new Parser(source, (path) => attributeOf(kind, path)).parse();
}

/** Parses the filter inside of `emails[…]`, whose names are those of sub-attributes. */
export function parseElementFilter(definition: Definition, source: string): Filter {
  const subs = definition.sub ?? [];
  return new Parser(source, (path) => {
    const found = definitionOf(subs, path);
    return found && { definition: found };
  }).parse();
}

/** Resolves `userName`, `name.givenName` and `urn:…:User:department`. */
export function attributeOf(kind: ResourceKind, path: string): Attribute | undefined {
  const colon = path.lastIndexOf(':');
  const schema = colon < 0 ? { definitions: kind.attributes } : schemaOf(kind, path.slice(0, colon));
  const [name = '', subName, ...rest] = path.slice(colon + 1).split('.');
  const definition = schema && definitionOf(schema.definitions, name);
  if (definition === undefined || rest.length > 0) return undefined;
  const { extension } = schema ?? {};
  const attribute = extension === undefined ? { definition } : { definition, extension };
  if (subName === undefined) return attribute;
  const sub = definitionOf(definition.sub ?? [], subName);
  return sub && { ...attribute, sub };
}

function schemaOf(
  kind: ResourceKind,
  urn: string,
): { readonly definitions: readonly Definition[]; readonly extension?: string } | undefined {
  if (urn.toLowerCase() === kind.schema.toLowerCase()) return { definitions: kind.attributes };
  const extension = extensionOf(kind, urn);
  return extension === undefined ? undefined : { extension, definitions: kind.extensions[extension] ?? [] };
}

class Parser {
  readonly #tokens: string[];
  readonly #resolve: (path: string) => Attribute | undefined;
  #at = 0;

  constructor(source: string, resolve: (path: string) => Attribute | undefined) {
    this.#tokens = tokenize(source);
    this.#resolve = resolve;
  }

  parse(): Filter {
    const filter = this.#or();
    if (this.#at < this.#tokens.length) throw invalid(`Unexpected ${this.#tokens[this.#at]} in the filter.`);
    return filter;
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#unary();
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#unary() };
    return left;
  }

  #unary(): Filter {
    if (this.#takeWord('not')) {
      if (this.#tokens[this.#at] !== '(') throw invalid('"not" needs parentheses.');
      return { kind: 'not', inner: this.#unary() };
    }
    if (this.#take('(')) return this.#closed(this.#or(), ')');
    const path = this.#next();
    const attribute = this.#resolve(path);
    if (attribute === undefined) throw invalid(`There is no attribute "${path}".`);
    return this.#take('[') ? this.#elements(attribute.definition) : this.#comparison(attribute);
  }

  #elements(definition: Definition): Filter {
    const end = this.#tokens.indexOf(']', this.#at);
    if (!definition.multi || end < 0) throw invalid(`"${definition.name}[" is not a value filter.`);
    const inner = parseElementFilter(definition, this.#tokens.slice(this.#at, end).join(' '));
    this.#at = end + 1;
    return { kind: 'elements', attribute: definition, inner };
  }

  #comparison(attribute: Attribute): Filter {
    const operator = this.#next().toLowerCase();
    if (operator === 'pr') return { kind: 'compare', attribute, operator, value: true };
    if (!OPERATORS.has(operator)) throw invalid(`Unknown operator "${operator}".`);
    try {
      return { kind: 'compare', attribute, operator, value: JSON.parse(this.#next()) as unknown };
    } catch {
      throw invalid('The value of a comparison has to be a JSON value.');
    }
  }

  #closed(filter: Filter, bracket: string): Filter {
    if (!this.#take(bracket)) throw invalid(`"${bracket}" is missing.`);
    return filter;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #takeWord(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalid('The filter ends too early.');
    this.#at += 1;
    return token;
  }
}

function tokenize(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const match = TOKEN.exec(source);
    if (match === null) throw invalid('The filter is malformed.');
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  if (tokens.length === 0) throw invalid('The filter is empty.');
  return tokens;
}

/** Does a resource, or an element of a multi-valued attribute, fulfil the filter? */
export function matches(filter: Filter, resource: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource) && matches(filter.right, resource);
    case 'or':
      return matches(filter.left, resource) || matches(filter.right, resource);
    case 'not':
      return !matches(filter.inner, resource);
    case 'elements': {
      const elements = resource[filter.attribute.name];
      return Array.isArray(elements) && elements.some((element) => isObject(element) && matches(filter.inner, element));
    }
    case 'compare':
      return compare(filter, valuesAt(filter.attribute, resource));
  }
}

/** Without a sub-attribute, a complex multi-valued attribute is compared by its `value`. */
function valuesAt({ extension, definition, sub }: Attribute, resource: Json): unknown[] {
  const owner = extension === undefined ? resource : resource[extension];
  const value = isObject(owner) ? owner[definition.name] : undefined;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const name = sub?.name ?? (definition.multi ? 'value' : undefined);
  return name === undefined ? values : values.map((element) => (isObject(element) ? element[name] : element));
}

function compare(filter: Extract<Filter, { kind: 'compare' }>, values: unknown[]): boolean {
  const present = values.filter((value) => !isUnassigned(value));
  if (filter.operator === 'pr') return present.length > 0;
  if (filter.value === null) return (present.length === 0) === (filter.operator === 'eq');
  const exact = (filter.attribute.sub ?? filter.attribute.definition).caseExact === true;
  const fold = (value: unknown) => (typeof value === 'string' && !exact ? value.toLowerCase() : value);
  const asked = fold(filter.value);
  if (filter.operator === 'ne') return !present.some((value) => fold(value) === asked);
  return present.some((value) => holds(filter.operator, fold(value), asked));
}

function holds(operator: string, value: unknown, asked: unknown): boolean {
  if (operator === 'eq') return value === asked;
  if (typeof value === 'number' && typeof asked === 'number') return ordered(operator, value - asked);
  if (typeof value !== 'string' || typeof asked !== 'string') return false;
  switch (operator) {
    case 'co':
      return value.includes(asked);
    case 'sw':
      return value.startsWith(asked);
    case 'ew':
      return value.endsWith(asked);
    default:
      return ordered(operator, value < asked ? -1 : value > asked ? 1 : 0);
  }
}

function ordered(operator: string, difference: number): boolean {
  if (operator === 'gt') return difference > 0;
  if (operator === 'ge') return difference >= 0;
  return operator === 'lt' ? difference < 0 : difference <= 0;
}
