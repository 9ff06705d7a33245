/** A target path in its parts: `urn:…:User:name`, `name.givenName`, `emails[type eq "work"].value`. */
export interface TargetPath {
  readonly source: string;
  /** URN of the extension the attribute belongs to. */
  readonly extension?: string;
  /** Top-level attribute within its schema. */
  readonly attribute: string;
  /** Picks one element of a multi-valued attribute. */
  readonly element?: { readonly attribute: string; readonly value: string };
  readonly sub?: string;
}

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(User|Group):/i;
const ELEMENT = /^\s*([A-Za-z$][\w$-]*)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/i;
const PATH = /^([A-Za-z$][\w$-]*)(?:\[([^\]]*)\])?(?:\.([A-Za-z$][\w$-]*))?$/;
const MAX_CACHED = 10_000;
const cache = new Map<string, TargetPath | undefined>();

/** Parses a target path (RFC 7644, figure 7, with `eq` alone as filter); undefined if it is none. */
export function parseTargetPath(source: string): TargetPath | undefined {
  if (cache.has(source)) return cache.get(source);
  const parsed = parse(source);
  if (cache.size < MAX_CACHED) cache.set(source, parsed);
  return parsed;
}

function parse(source: string): TargetPath | undefined {
  const local = source.replace(CORE, '');
  const colon = local.startsWith('urn:') ? endOfUrn(local) : -1;
  const match = PATH.exec(local.slice(colon + 1));
  if (match === null) return undefined;
  const [, attribute = '', filter, sub] = match;
  const element = filter === undefined ? undefined : parseElement(filter);
  if (filter !== undefined && element === undefined) return undefined;
  return {
    source,
    attribute,
    ...(colon < 0 ? {} : { extension: local.slice(0, colon) }),
    ...(element === undefined ? {} : { element }),
    ...(sub === undefined ? {} : { sub }),
  };
}

/** The last colon before a filter: a filter's value may hold colons of its own. */
function endOfUrn(source: string): number {
  const bracket = source.indexOf('[');
  return (bracket < 0 ? source : source.slice(0, bracket)).lastIndexOf(':');
}

function parseElement(filter: string): TargetPath['element'] | undefined {
  const [, attribute, value] = ELEMENT.exec(filter) ?? [];
  if (attribute === undefined || value === undefined) return undefined;
  return { attribute, value: JSON.parse(`"${value}"`) as string };
}

/** The path of the whole attribute: `emails` for `emails[type eq "work"].value`. */
export const wholePath = ({ extension, attribute }: TargetPath): string =>
  extension === undefined ? attribute : `${extension}:${attribute}`;

/** Does one of these paths, or the whole attribute it lies in, cover this one? */
export function isCovered(path: TargetPath, by: readonly string[]): boolean {
  return by.length > 0 && (by.includes(path.source) || by.includes(wholePath(path)));
}

/** The element or attribute that a sub-attribute lies in. */
export function withoutSub(path: TargetPath): TargetPath {
  return {
    source: path.source,
    attribute: path.attribute,
    ...(path.extension === undefined ? {} : { extension: path.extension }),
    ...(path.element === undefined ? {} : { element: path.element }),
  };
}
