/** A target path as RFC 7644 writes it: `[urn:]attribute[filter].subAttribute`. */
export interface TargetPath {
  /** Schema URN, where the attribute belongs to an extension. */
  readonly schema?: string;
  readonly attribute: string;
  /** What an element of a multi-valued attribute must have, such as `type` equal to `work`. */
  readonly where?: readonly { readonly attribute: string; readonly value: string | number | boolean }[];
  readonly subAttribute?: string;
}

/** Text that is no target path. */
export class TargetPathProblem extends Error {
  override readonly name = 'TargetPathProblem';
  readonly code = 'target-path.invalid';
  readonly expected: string;

  constructor(reason: string, expected: string) {
    super(reason);
    this.expected = expected;
  }
}

const MAX_PATH = 512;
const SCHEMA = /^(urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[^\s[\]"]+):(?=[^:]*$)/i;
const ATTRIBUTE = /^[A-Za-z$][\w$-]*/;
const COMPARISON =
  /^([A-Za-z$][\w$-]*) +eq +("(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"|true|false|-?\d{1,15}(?:\.\d{1,15})?)/i;

/** Parses a target path: attrPath of RFC 7644 section 3.5.2 with at most one value filter of `eq` comparisons. Throws TargetPathProblem. */
export function parseTargetPath(text: string): TargetPath {
  if (text.length > MAX_PATH)
    throw new TargetPathProblem('The target path is too long', `at most ${MAX_PATH} characters`);
  const bracket = text.indexOf('[');
  const head = bracket < 0 ? text : text.slice(0, bracket);
  const schema = SCHEMA.exec(head)?.[1];
  let rest = schema === undefined ? text : text.slice(schema.length + 1);
  const attribute = ATTRIBUTE.exec(rest)?.[0];
  if (attribute === undefined) throw notAPath(text);
  rest = rest.slice(attribute.length);
  const filtered = rest.startsWith('[') ? parseValueFilter(rest.slice(1)) : { rest };
  const subAttribute = parseSubAttribute(filtered.rest, text);
  return {
    ...(schema === undefined ? {} : { schema }),
    attribute,
    ...('where' in filtered ? { where: filtered.where } : {}),
    ...(subAttribute === undefined ? {} : { subAttribute }),
  };
}

function parseSubAttribute(rest: string, text: string): string | undefined {
  if (rest === '') return undefined;
  const subAttribute = rest.startsWith('.') ? ATTRIBUTE.exec(rest.slice(1))?.[0] : undefined;
  if (subAttribute === undefined || rest.length !== subAttribute.length + 1) throw notAPath(text);
  return subAttribute;
}

function parseValueFilter(text: string): { where: NonNullable<TargetPath['where']>; rest: string } {
  const where: { attribute: string; value: string | number | boolean }[] = [];
  let rest = text.trimStart();
  for (;;) {
    const found = COMPARISON.exec(rest);
    if (found?.[1] === undefined || found[2] === undefined)
      throw new TargetPathProblem(
        `The value filter [${text} cannot be used in a target path`,
        'comparisons such as [type eq "work"], joined by "and"',
      );
    where.push({
      attribute: found[1],
      value: JSON.parse(found[2].startsWith('"') ? found[2] : found[2].toLowerCase()) as string,
    });
    rest = rest.slice(found[0].length).trimStart();
    if (rest.startsWith(']')) return { where, rest: rest.slice(1) };
    const and = /^and +/i.exec(rest)?.[0];
    if (and === undefined) throw new TargetPathProblem('The value filter does not end', '"]" or "and"');
    rest = rest.slice(and.length);
  }
}

const notAPath = (text: string): TargetPathProblem =>
  new TargetPathProblem(
    `"${text}" is not a target path`,
    'userName, name.givenName, emails[type eq "work"].value or urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
  );

/** The attribute a path writes into, in the form in which equal attributes are equal text. */
export const attributeKey = (path: TargetPath): string => `${path.schema ?? ''}:${path.attribute}`.toLowerCase();

/** A path in the form in which equal paths are equal text. */
export const pathKey = (path: TargetPath): string =>
  `${attributeKey(path)}[${(path.where ?? [])
    .map(({ attribute, value }) => `${attribute.toLowerCase()}=${JSON.stringify(value)}`)
    .sort()
    .join()}].${path.subAttribute?.toLowerCase() ?? ''}`;
