/** One attribute of a schema (RFC 7643, section 7). */
export interface Definition {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer' | 'dateTime' | 'reference' | 'complex';
  readonly multi?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: 'readOnly' | 'immutable' | 'writeOnly';
  readonly uniqueness?: 'server';
  readonly sub?: readonly Definition[];
}

export interface ResourceKind {
  readonly name: 'User' | 'Group';
  readonly endpoint: string;
  readonly schema: string;
  readonly attributes: readonly Definition[];
  readonly extensions: Readonly<Record<string, readonly Definition[]>>;
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const text = (name: string, more: Partial<Definition> = {}): Definition => ({ name, type: 'string', ...more });
const plural = (name: string): Definition => ({
  name,
  type: 'complex',
  multi: true,
  sub: [text('value'), text('display'), text('type'), { name: 'primary', type: 'boolean' }],
});

const common: readonly Definition[] = [
  text('id', { mutability: 'readOnly', caseExact: true }),
  text('externalId', { caseExact: true }),
  {
    name: 'meta',
    type: 'complex',
    mutability: 'readOnly',
    sub: ['resourceType', 'created', 'lastModified', 'location', 'version'].map((name) => text(name)),
  },
  { name: 'schemas', type: 'reference', multi: true },
];

export const USER: ResourceKind = {
  name: 'User',
  endpoint: 'Users',
  schema: USER_SCHEMA,
  attributes: [
    ...common,
    text('userName', { required: true, uniqueness: 'server' }),
    {
      name: 'name',
      type: 'complex',
      sub: ['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'].map((name) =>
        text(name),
      ),
    },
    ...['displayName', 'nickName', 'title', 'userType', 'preferredLanguage', 'locale', 'timezone'].map((name) =>
      text(name),
    ),
    { name: 'profileUrl', type: 'reference' },
    { name: 'active', type: 'boolean' },
    text('password', { mutability: 'writeOnly', caseExact: true }),
    ...['emails', 'phoneNumbers', 'ims', 'photos', 'entitlements', 'roles', 'x509Certificates'].map(plural),
    {
      name: 'addresses',
      type: 'complex',
      multi: true,
      sub: [
        ...['formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country', 'type'].map((name) =>
          text(name),
        ),
        { name: 'primary', type: 'boolean' },
      ],
    },
    {
      name: 'groups',
      type: 'complex',
      multi: true,
      mutability: 'readOnly',
      sub: ['value', '$ref', 'display', 'type'].map((name) => text(name)),
    },
  ],
  extensions: {
    [ENTERPRISE_SCHEMA]: [
      ...['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map((name) => text(name)),
      {
        name: 'manager',
        type: 'complex',
        sub: [
          text('value', { caseExact: true }),
          { name: '$ref', type: 'reference' },
          text('displayName', { mutability: 'readOnly' }),
        ],
      },
    ],
  },
};

export const GROUP: ResourceKind = {
  name: 'Group',
  endpoint: 'Groups',
  schema: GROUP_SCHEMA,
  attributes: [
    ...common,
    text('displayName', { required: true }),
    {
      name: 'members',
      type: 'complex',
      multi: true,
      sub: [text('value', { caseExact: true }), { name: '$ref', type: 'reference' }, text('type'), text('display')],
    },
  ],
  extensions: {},
};

const byName = new WeakMap<readonly Definition[], Map<string, Definition>>();

/** The definition of an attribute; names are compared without case (RFC 7643, section 2.1). */
export function definitionOf(definitions: readonly Definition[], name: string): Definition | undefined {
  let index = byName.get(definitions);
  if (index === undefined) {
    index = new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
    byName.set(definitions, index);
  }
  return index.get(name.toLowerCase());
}

/** The extension whose URN is given, in the spelling of its schema. */
export function extensionOf(kind: ResourceKind, urn: string): string | undefined {
  if (Object.hasOwn(kind.extensions, urn)) return urn;
  const lower = urn.toLowerCase();
  return Object.keys(kind.extensions).find((candidate) => candidate.toLowerCase() === lower);
}
