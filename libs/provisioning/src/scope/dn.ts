import { foldSpaces } from './fold.js';

/** One attribute type with its value, unescaped. A value given as `#hex` keeps that form, with `hex` true. */
export interface DnAttribute {
  readonly type: string;
  readonly value: string;
  readonly hex: boolean;
}
/** A relative distinguished name: one attribute, seldom several. */
export type Rdn = readonly DnAttribute[];
/** A distinguished name, the entry's own RDN first. */
export type Dn = readonly Rdn[];

/** Text that is no distinguished name (RFC 4514). */
export class DnProblem extends Error {
  override readonly name = 'DnProblem';
  readonly code = 'dn.invalid';
  /** Position in the text, from 0. */
  readonly position: number;

  constructor(reason: string, position: number) {
    super(`${reason} at position ${position}`);
    this.position = position;
  }
}

const MAX_DN = 8192;
const TYPE = /[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*/y;
const HEX_STRING = /#(?:[0-9A-Fa-f]{2})+/y;
const HEX_PAIR = /[0-9A-Fa-f]{2}/y;
const ESCAPABLE = new Set([...' "#+,;<=>\\']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses the string form of a distinguished name (RFC 4514). Spaces around separators, `;` as separator and quoted values are
 * accepted as in RFC 2253. The empty text is the root. Throws DnProblem.
 */
export function parseDn(text: string): Dn {
  if (text.length > MAX_DN) throw new DnProblem(`Longer than ${MAX_DN} characters`, MAX_DN);
  const reader = new DnReader(text);
  reader.skipSpaces();
  if (reader.ended()) return [];
  const rdns: Rdn[] = [];
  do rdns.push(reader.rdn());
  while (reader.takesAny(',;'));
  if (!reader.ended()) throw reader.problem('Expected "," or "+"');
  return rdns;
}

class DnReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  ended(): boolean {
    return this.at >= this.text.length;
  }

  problem(reason: string): DnProblem {
    return new DnProblem(reason, this.at);
  }

  skipSpaces(): void {
    while (this.text[this.at] === ' ') this.at++;
  }

  takesAny(characters: string): boolean {
    const next = this.text[this.at];
    if (next === undefined || !characters.includes(next)) return false;
    this.at++;
    return true;
  }

  rdn(): Rdn {
    const attributes: DnAttribute[] = [];
    do attributes.push(this.attribute());
    while (this.takesAny('+'));
    return attributes;
  }

  private attribute(): DnAttribute {
    this.skipSpaces();
    const type = this.match(TYPE);
    if (type === undefined) throw this.problem('Expected an attribute type');
    this.skipSpaces();
    if (!this.takesAny('=')) throw this.problem('Expected "="');
    this.skipSpaces();
    const hex = this.match(HEX_STRING);
    const value = hex ?? (this.takesAny('"') ? this.quoted() : this.plain());
    this.skipSpaces();
    return { type, value, hex: hex !== undefined };
  }

  private plain(): string {
    let value = '';
    let trailing = 0;
    for (let next = this.text[this.at]; next !== undefined && !',;+'.includes(next); next = this.text[this.at]) {
      if (next === '\\') {
        value += this.escape();
        trailing = 0;
        continue;
      }
      if ('"<>\0'.includes(next)) throw this.problem(`"${next}" has to be escaped`);
      value += next;
      trailing = next === ' ' ? trailing + 1 : 0;
      this.at++;
    }
    return trailing > 0 ? value.slice(0, -trailing) : value;
  }

  private quoted(): string {
    let value = '';
    for (let next = this.text[this.at]; next !== '"'; next = this.text[this.at]) {
      if (next === undefined) throw this.problem('A quoted value does not end');
      if (next === '\\') value += this.escape();
      else {
        value += next;
        this.at++;
      }
    }
    this.at++;
    return value;
  }

  /** One escaped character, or a run of escaped bytes that together are UTF-8. */
  private escape(): string {
    const bytes: number[] = [];
    const start = this.at;
    while (this.text[this.at] === '\\') {
      this.at++;
      const pair = this.match(HEX_PAIR);
      if (pair === undefined) {
        if (bytes.length > 0) {
          this.at--;
          break;
        }
        return this.escapedCharacter();
      }
      bytes.push(Number.parseInt(pair, 16));
    }
    try {
      return utf8.decode(Uint8Array.from(bytes));
    } catch {
      throw new DnProblem('Escaped bytes are not UTF-8', start);
    }
  }

  private escapedCharacter(): string {
    const next = this.text[this.at];
    if (next === undefined || !ESCAPABLE.has(next)) throw this.problem('Wrong escape');
    this.at++;
    return next;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

/** Object identifiers of the attribute types of RFC 4514 section 3 and of `mail`. */
const NAMES_BY_OID = new Map([
  ['2.5.4.3', 'cn'],
  ['2.5.4.7', 'l'],
  ['2.5.4.8', 'st'],
  ['2.5.4.10', 'o'],
  ['2.5.4.11', 'ou'],
  ['2.5.4.6', 'c'],
  ['2.5.4.9', 'street'],
  ['0.9.2342.19200300.100.1.25', 'dc'],
  ['0.9.2342.19200300.100.1.1', 'uid'],
  ['0.9.2342.19200300.100.1.3', 'mail'],
  ['commonname', 'cn'],
  ['organizationalunitname', 'ou'],
  ['organizationname', 'o'],
  ['domaincomponent', 'dc'],
  ['userid', 'uid'],
]);

/** One RDN in the form in which equal names are equal text. */
function normalizeRdn(rdn: Rdn): string {
  return rdn
    .map(({ type, value, hex }) => {
      const name = type.toLowerCase();
      return `${NAMES_BY_OID.get(name) ?? name}=${hex ? value.toLowerCase() : escapeDnValue(foldSpaces(value).toLowerCase())}`;
    })
    .sort()
    .join('+');
}

/** The RDNs of a name in the form in which equal names are equal text, the entry's own first. Throws DnProblem. */
export const normalizedRdns = (text: string): readonly string[] => parseDn(text).map(normalizeRdn);

/**
 * A distinguished name in the form in which equal names are equal text: lower case, single spaces, short attribute types, one
 * way to escape. Values are compared as caseIgnoreMatch does. Throws DnProblem.
 */
export const normalizeDn = (text: string): string => normalizedRdns(text).join(',');

/** Escapes a value for use in a distinguished name (RFC 4514 section 2.4). */
export function escapeDnValue(value: string): string {
  return value.replace(/^[ #]| $|["+,;<>\\=]/g, '\\$&').replace(/\0/g, '\\00');
}

export type SearchScope = 'subtree' | 'one' | 'base';

/** Whether a name lies in the scope of a base, both as normalised RDNs. */
export function isWithin(rdns: readonly string[], base: readonly string[], scope: SearchScope): boolean {
  const depth = rdns.length - base.length;
  if (depth < 0 || (scope === 'base' && depth !== 0) || (scope === 'one' && depth !== 1)) return false;
  return base.every((rdn, index) => rdns[index + depth] === rdn);
}

/** Whether `dn` is `base` or below it (`subtree`), right below it (`one`), or `base` itself (`base`). Throws DnProblem. */
export const isUnder = (dn: string, base: string, scope: SearchScope = 'subtree'): boolean =>
  isWithin(normalizedRdns(dn), normalizedRdns(base), scope);
