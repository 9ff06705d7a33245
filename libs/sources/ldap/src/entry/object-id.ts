import { EqualityFilter } from 'ldapts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Byte order of the text form of objectGUID: the first three groups are little-endian (MS-DTYP 2.3.4). */
const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** The object id that stands for the value of the id attribute: text as it is, objectGUID in its text form, other bytes as base64url. */
export function objectIdOf(attribute: string, value: string | Buffer): string {
  if (typeof value === 'string') return value;
  if (attribute.toLowerCase() !== 'objectguid' || value.length !== 16) return value.toString('base64url');
  const hex = GUID_ORDER.map((index) => (value[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The filter that finds the entry of an object id. */
export function objectIdFilter(attribute: string, objectId: string): EqualityFilter {
  return new EqualityFilter({ attribute, value: valueOf(attribute, objectId) });
}

function valueOf(attribute: string, objectId: string): string | Buffer {
  if (attribute.toLowerCase() !== 'objectguid' || !GUID.test(objectId)) return objectId;
  const bytes = Buffer.from(objectId.replaceAll('-', ''), 'hex');
  const value = Buffer.alloc(16);
  GUID_ORDER.forEach((from, at) => value.writeUInt8(bytes[at] ?? 0, from));
  return value;
}
