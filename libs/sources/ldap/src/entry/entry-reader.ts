import type { LdapDataStoreSpec, ObjectType, SourceAttributes, SourceValue } from '@provisor/contracts';
import type { SourceItem } from '@provisor/provisioning';
import type { Entry } from 'ldapts';
import { firstText, isEnabled } from './account-state.js';
import { parseGeneralizedTime } from './generalized-time.js';
import { objectIdOf } from './object-id.js';

type RawValues = readonly (string | Buffer)[];
const MAX_ID = 512;
/** Names are keys of an index, whose rows PostgreSQL limits. */
const MAX_DN_BYTES = 2000;

/** Turns directory entries into objects. What cannot be one comes back as `unreadable` with the reason. */
export class EntryReader {
  /** What has to be asked for, operational attributes included. */
  readonly requested: readonly string[];
  private readonly spec: LdapDataStoreSpec;
  private readonly excluded: ReadonlySet<string>;
  private readonly memberAttributes: ReadonlySet<string>;

  constructor(spec: LdapDataStoreSpec) {
    this.spec = spec;
    this.excluded = lowerCase([...spec.excludeAttributes, spec.timestampAttribute]);
    this.memberAttributes = lowerCase(spec.groups.memberAttributes);
    this.requested = [
      ...new Set([
        '*',
        spec.idAttribute,
        spec.timestampAttribute,
        ...(spec.accountStatus === undefined ? [] : [spec.accountStatus.attribute]),
        ...spec.referenceAttributes,
      ]),
    ];
  }

  read(objectType: ObjectType, entry: Entry): SourceItem {
    const { idAttribute, timestampAttribute, accountStatus, referenceAttributes } = this.spec;
    const problem = (code: string, message: string): SourceItem => ({
      kind: 'unreadable',
      dn: entry.dn,
      code,
      message,
    });
    const id = rawValues(entry, idAttribute)[0];
    if (id === undefined || id.length === 0)
      return problem('source.no-id', `The entry has no ${idAttribute}, or the bind has no right to read it.`);
    const objectId = objectIdOf(idAttribute, id);
    if (objectId.length > MAX_ID)
      return problem('source.id-too-long', `Its ${idAttribute} is longer than ${MAX_ID} characters.`);
    if (Buffer.byteLength(entry.dn) > MAX_DN_BYTES)
      return problem('source.dn-too-long', `Its name is longer than ${MAX_DN_BYTES} bytes.`);

    const attributes = this.attributes(objectType, entry);
    const modifiedAt = rawValues(entry, timestampAttribute).map((value) => parseGeneralizedTime(value.toString()))[0];
    return {
      kind: 'object',
      object: {
        objectId,
        objectType,
        dn: entry.dn,
        attributes,
        enabled: isEnabled(accountStatus, attributes),
        references: references(attributes, referenceAttributes),
        ...(objectType === 'group' ? { members: this.members(entry) } : {}),
        ...(modifiedAt === undefined ? {} : { modifiedAt }),
      },
    };
  }

  private attributes(objectType: ObjectType, entry: Entry): SourceAttributes {
    const attributes: Record<string, SourceValue[]> = {};
    for (const name of Object.keys(entry)) {
      const base = baseName(name);
      if (name === 'dn' || name === '*' || name === '+' || this.excluded.has(base)) continue;
      if (objectType === 'group' && this.memberAttributes.has(base)) continue;
      const values = rawValues(entry, name);
      if (values.length > 0) attributes[name] = values.map(sourceValue);
    }
    return attributes;
  }

  private members(entry: Entry): string[] {
    const members = Object.keys(entry).filter((name) => this.memberAttributes.has(baseName(name)));
    return members.flatMap((name) => rawValues(entry, name).map((value) => value.toString()));
  }
}

/** Text as it is; bytes, and text with a NUL character (which PostgreSQL cannot store), as base64. */
function sourceValue(value: string | Buffer): SourceValue {
  if (typeof value === 'string' && !value.includes('\0')) return value;
  return { base64: (typeof value === 'string' ? Buffer.from(value) : value).toString('base64') };
}

function references(attributes: SourceAttributes, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = firstText(attributes, name);
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}

function rawValues(entry: Entry, name: string): RawValues {
  const key = entry[name] === undefined ? Object.keys(entry).find((other) => sameName(other, name)) : name;
  const value = key === undefined ? undefined : entry[key];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
/** An attribute description without its options (`cn;lang-de`). */
const baseName = (description: string) => description.toLowerCase().split(';', 1)[0] ?? '';
const lowerCase = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));
