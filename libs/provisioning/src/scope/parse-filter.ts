import type { SourceValue } from '@provisor/contracts';
import { FilterProblem, type Filter } from './filter.js';
import { insteadOfRule, matchingRule } from './matching-rules.js';

const MAX_LENGTH = 8192;
const MAX_DEPTH = 32;
const ATTRIBUTE = /(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*/y;
const RULE = /[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+/y;
const HEX_PAIR = /[0-9A-Fa-f]{2}/y;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses the string form of a search filter (RFC 4515). A filter item without outer parentheses is accepted, and so is space
 * between filters. Throws FilterProblem, and nothing else, on text that is no filter, is longer than 8192 characters, is nested
 * deeper than 32, or asks for a matching rule that is not supported.
 */
export function parseFilter(text: string): Filter {
  if (text.length > MAX_LENGTH)
    throw new FilterProblem(`The filter has ${text.length} characters`, MAX_LENGTH, `at most ${MAX_LENGTH} characters`);
  const reader = new FilterReader(text);
  reader.skipSpaces();
  const filter = reader.next() === '(' ? reader.filter(1) : reader.item();
  reader.skipSpaces();
  if (!reader.ended()) throw reader.problem('There is something after the filter', 'the end');
  return filter;
}

class FilterReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  next(): string | undefined {
    return this.text[this.at];
  }

  ended(): boolean {
    return this.at >= this.text.length;
  }

  problem(reason: string, expected: string): FilterProblem {
    return new FilterProblem(reason, this.at, expected);
  }

  skipSpaces(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] ?? '')) this.at++;
  }

  filter(depth: number): Filter {
    if (depth > MAX_DEPTH) throw this.problem('The filter is nested too deeply', `at most ${MAX_DEPTH} levels`);
    this.take('(');
    this.skipSpaces();
    const filter = this.component(depth);
    this.take(')');
    return filter;
  }

  private component(depth: number): Filter {
    switch (this.next()) {
      case '&':
        this.at++;
        return { kind: 'and', filters: this.list(depth) };
      case '|':
        this.at++;
        return { kind: 'or', filters: this.list(depth) };
      case '!': {
        this.at++;
        this.skipSpaces();
        const filter = this.filter(depth + 1);
        this.skipSpaces();
        return { kind: 'not', filter };
      }
      default:
        return this.item();
    }
  }

  private list(depth: number): Filter[] {
    const filters: Filter[] = [];
    for (this.skipSpaces(); this.next() === '('; this.skipSpaces()) filters.push(this.filter(depth + 1));
    return filters;
  }

  item(): Filter {
    const attribute = this.match(ATTRIBUTE);
    if (attribute === undefined) return this.extensible(undefined);
    switch (this.next()) {
      case '=':
        this.at++;
        return this.equality(attribute);
      case '~':
        return this.comparison('approximate', attribute);
      case '>':
        return this.comparison('greater-or-equal', attribute);
      case '<':
        return this.comparison('less-or-equal', attribute);
      case ':':
        return this.extensible(attribute);
      default:
        throw this.problem(`Unexpected ${this.describe()} after "${attribute}"`, '"=", "~=", ">=", "<=" or ":="');
    }
  }

  private comparison(kind: 'approximate' | 'greater-or-equal' | 'less-or-equal', attribute: string): Filter {
    this.at++;
    this.take('=');
    return { kind, attribute, value: this.wholeValue() };
  }

  private equality(attribute: string): Filter {
    const parts: SourceValue[] = [this.value()];
    while (this.next() === '*') {
      this.at++;
      parts.push(this.value());
    }
    const [first, ...rest] = parts;
    if (first === undefined || rest.length === 0) return { kind: 'equal', attribute, value: first ?? '' };
    if (parts.every((part) => part === '')) return { kind: 'present', attribute };
    const final = rest.pop();
    return {
      kind: 'substrings',
      attribute,
      ...(first === '' ? {} : { initial: first }),
      any: rest.filter((part) => part !== ''),
      ...(final === undefined || final === '' ? {} : { final }),
    };
  }

  private extensible(attribute: string | undefined): Filter {
    let dn = false;
    let rule: string | undefined;
    if (this.takes(':dn', /^:dn(?=:)/i)) dn = true;
    if (this.next() === ':' && this.text[this.at + 1] !== '=') {
      this.at++;
      rule = this.match(RULE);
      if (rule === undefined) throw this.problem(`Unexpected ${this.describe()}`, 'the name of a matching rule');
      if (matchingRule(rule) === undefined)
        throw this.problem(`The matching rule ${rule} is not supported`, insteadOfRule(rule));
    }
    if (!this.takes(':=', /^:=/))
      throw this.problem(`Unexpected ${this.describe()}`, attribute === undefined ? 'an attribute' : '":="');
    if (attribute === undefined && rule === undefined)
      throw this.problem('Neither attribute nor matching rule', 'one of them before ":="');
    const value = this.wholeValue();
    return {
      kind: 'extensible',
      ...(attribute === undefined ? {} : { attribute }),
      dn,
      ...(rule === undefined ? {} : { rule }),
      value,
    };
  }

  private wholeValue(): SourceValue {
    const value = this.value();
    if (this.next() === '*') throw this.problem('"*" stands for any text with "=" only', 'the escape \\2a');
    return value;
  }

  private value(): SourceValue {
    const start = this.at;
    let escaped = false;
    for (let next = this.next(); next !== undefined && !'()*'.includes(next); next = this.next()) {
      if (next === '\0') throw this.problem('A null character', 'the escape \\00');
      this.at++;
      if (next !== '\\') continue;
      escaped = true;
      if (this.match(HEX_PAIR) === undefined) throw this.problem('Wrong escape', 'two hexadecimal digits after "\\"');
    }
    const raw = this.text.slice(start, this.at);
    return escaped ? unescapeValue(raw) : raw;
  }

  private take(character: string): void {
    if (this.next() !== character) throw this.problem(`Unexpected ${this.describe()}`, `"${character}"`);
    this.at++;
  }

  private takes(text: string, pattern: RegExp): boolean {
    if (!pattern.test(this.text.slice(this.at, this.at + text.length + 1))) return false;
    this.at += text.length;
    return true;
  }

  private describe(): string {
    return this.ended() ? 'end' : `"${this.next()}"`;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

function unescapeValue(raw: string): SourceValue {
  const bytes: number[] = [];
  for (const [index, part] of raw.split('\\').entries()) {
    if (index > 0) bytes.push(Number.parseInt(part.slice(0, 2), 16));
    bytes.push(...utf8.encode(index > 0 ? part.slice(2) : part));
  }
  const array = Uint8Array.from(bytes);
  try {
    return strictUtf8.decode(array);
  } catch {
    return { base64: Buffer.from(array).toString('base64') };
  }
}
