import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DnProblem, escapeDnValue, isUnder, normalizeDn, parseDn } from './dn.js';

const anyCodeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

/** Examples of RFC 4514 section 4. */
const EXAMPLES: [string, string][] = [
  ['UID=jsmith,DC=example,DC=net', 'uid=jsmith,dc=example,dc=net'],
  ['OU=Sales+CN=J.  Smith,DC=example,DC=net', 'cn=j. smith+ou=sales,dc=example,dc=net'],
  ['CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net', 'cn=james \\"jim\\" smith\\, iii,dc=example,dc=net'],
  ['CN=Before\\0dAfter,DC=example,DC=net', 'cn=before after,dc=example,dc=net'],
  ['1.3.6.1.4.1.1466.0=#04024869', '1.3.6.1.4.1.1466.0=#04024869'],
  ['CN=Lu\\C4\\8Di\\C4\\87', 'cn=lučić'],
];

describe('reading distinguished names', () => {
  test.each(EXAMPLES)('%s is read as RFC 4514 says', (text, normal) => {
    expect(normalizeDn(text)).toBe(normal);
  });

  test('spaces around separators, quoted values and attribute types as numbers make no difference', () => {
    expect(normalizeDn('2.5.4.3 = "Doe, Jane" ; ou = People')).toBe(normalizeDn('CN=Doe\\, Jane,OU=people'));
  });

  test('an escaped comma does not end a name', () => {
    expect(parseDn('cn=Doe\\, Jane,dc=example')).toHaveLength(2);
  });

  test('the empty name is the root', () => {
    expect(parseDn('')).toEqual([]);
    expect(isUnder('dc=example', '')).toBe(true);
  });

  test.each(['cn', 'cn=a,', '=a', 'cn=a"b', 'cn=\\', 'cn=\\zz', 'cn="open', 'cn=a,,dc=b', 'cn=\\ff'])(
    '%s is refused',
    (text) => {
      expect(() => parseDn(text)).toThrow(DnProblem);
    },
  );

  test('text of any kind gives a name or a DnProblem', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: anyCodeUnit }), fc.string({ unit: fc.constantFrom(...'cn=,+;\\"#<> a0f') })),
        (text) => {
          try {
            parseDn(text);
          } catch (error) {
            expect(error).toBeInstanceOf(DnProblem);
          }
        },
      ),
    );
  });

  test('a normalised name is normal', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const rdn = fc.array(fc.tuple(fc.constantFrom('cn', 'OU', '2.5.4.10', 'dc'), value), {
      minLength: 1,
      maxLength: 2,
    });
    fc.assert(
      fc.property(fc.array(rdn, { minLength: 1, maxLength: 4 }), (rdns) => {
        const text = rdns
          .map((parts) => parts.map(([type, part]) => `${type}=${escapeDnValue(part)}`).join('+'))
          .join(',');
        const once = normalizeDn(text);
        expect(normalizeDn(once)).toBe(once);
      }),
    );
  });

  test('an escaped value is read back as it was', () => {
    const ofSpecialCharacters = fc.string({ unit: fc.constantFrom(...' #,+"\\\0a'), maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), ofSpecialCharacters), (value) => {
        expect(parseDn(`cn=${escapeDnValue(value)}`)[0]?.[0]?.value).toBe(value);
      }),
      { examples: [[' ']] },
    );
  });
});

describe('below a base', () => {
  const base = 'ou=people,dc=corp,dc=example';

  test('a subtree holds the base and everything below it', () => {
    expect(isUnder(base, base)).toBe(true);
    expect(isUnder('uid=j,ou=sales,OU=People, DC=corp,DC=example', base)).toBe(true);
    expect(isUnder('uid=j,ou=machines,dc=corp,dc=example', base)).toBe(false);
    expect(isUnder('dc=corp,dc=example', base)).toBe(false);
  });

  test('one level holds what is right below the base', () => {
    expect(isUnder(`uid=j,${base}`, base, 'one')).toBe(true);
    expect(isUnder(base, base, 'one')).toBe(false);
    expect(isUnder(`uid=j,ou=sales,${base}`, base, 'one')).toBe(false);
  });

  test('the base scope holds the base alone', () => {
    expect(isUnder(base, base, 'base')).toBe(true);
    expect(isUnder(`uid=j,${base}`, base, 'base')).toBe(false);
  });

  test('a name that ends with the text of the base but not with its parts is not below it', () => {
    expect(isUnder('uid=j,xou=people,dc=corp,dc=example', base)).toBe(false);
    expect(isUnder('cn=a\\,ou=people,dc=corp,dc=example', base)).toBe(false);
  });
});
