import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterProblem, type Filter } from './filter.js';
import { matchesFilter } from './match-filter.js';
import { parseFilter } from './parse-filter.js';
import { printFilter } from './print-filter.js';

const anyCodeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

const jane = {
  dn: 'uid=jdoe,ou=People,dc=corp,dc=example',
  attributes: {
    objectClass: ['top', 'person', 'inetOrgPerson'],
    uid: ['jdoe'],
    cn: ['Jane  Doe'],
    'cn;lang-de': ['Johanna'],
    sn: ['Döe'],
    employeeNumber: ['42'],
    telephoneNumber: ['+49 89-1234'],
    manager: ['UID=boss, ou=people,dc=corp,dc=example'],
    userAccountControl: ['514'],
    jpegPhoto: [{ base64: Buffer.from([0xff, 0xd8]).toString('base64') }],
    empty: [],
  },
};
const matches = (text: string): boolean => matchesFilter(parseFilter(text), jane);

describe('what a filter finds', () => {
  test.each([
    ['(uid=jdoe)', 'equality'],
    ['uid=jdoe', 'an item without parentheses'],
    ['(UID=JDOE)', 'names and values without regard to case'],
    ['(cn= jane doe )', 'spaces as RFC 4518 says'],
    ['(cn=johanna)', 'an attribute with options as a subtype'],
    ['(mail=*)', 'no mail', false],
    ['(empty=*)', 'nothing in an attribute without values', false],
    ['(objectClass=*)', 'presence'],
    ['(cn=j*d*e)', 'substrings'],
    ['(cn=*jane*jane*)', 'parts that overlap', false],
    ['(cn=jan*ane doe)', 'beginning and end that overlap', false],
    ['(sn~=doe)', 'approximately'],
    ['(employeeNumber>=9)', 'numbers by value'],
    ['(employeeNumber<=9)', 'numbers by value', false],
    ['(&(objectClass=person)(|(uid=x)(uid=jdoe)))', 'both and either'],
    ['(!(uid=jdoe))', 'the opposite', false],
    ['(!(mail=*))', 'the opposite of a missing attribute'],
    ['(&)', 'always: absolute true of RFC 4526'],
    ['(|)', 'never: absolute false of RFC 4526', false],
    ['(telephoneNumber=+49891234)', 'telephone numbers without spaces and hyphens'],
    ['(manager=uid=boss,OU=People,DC=corp,DC=example)', 'names of entries'],
    ['(uid:caseExactMatch:=JDOE)', 'by the rule that is asked for', false],
    ['(uid:2.5.13.5:=jdoe)', 'by the number of the rule'],
    ['(ou:dn:=people)', 'attributes of the DN'],
    ['(:caseIgnoreMatch:=jdoe)', 'in any attribute'],
    ['(userAccountControl:1.2.840.113556.1.4.803:=2)', 'bits that are all set'],
    ['(userAccountControl:1.2.840.113556.1.4.804:=12)', 'bits of which none is set', false],
    ['(jpegPhoto=\\ff\\d8)', 'bytes'],
    ['(sn=D\\c3\\b6e)', 'escaped UTF-8'],
    ['(entryDN=uid=jdoe,ou=people,dc=corp,dc=example)', 'the entry by its DN'],
  ] as [string, string, boolean?][])('%s finds %s', (text, _what, expected = true) => {
    expect(matches(text)).toBe(expected);
  });
});

describe('filters that are refused', () => {
  test.each([
    ['', 'Unexpected end at position 0; expected an attribute'],
    ['(uid=jdoe', 'Unexpected end at position 9; expected ")"'],
    ['(uid=a)(uid=b)', 'There is something after the filter at position 7; expected the end'],
    ['(uid>jdoe)', 'Unexpected "j" at position 5; expected "="'],
    ['(uid=\\2)', 'Wrong escape at position 6; expected two hexadecimal digits after "\\"'],
    ['(uid>=a*)', '"*" stands for any text with "=" only at position 7; expected the escape \\2a'],
  ])('%s: %s', (text, message) => {
    expect(() => parseFilter(text)).toThrow(new FilterProblem('', 0, '').constructor);
    expect(() => parseFilter(text)).toThrow(message);
  });

  test('a matching rule that only a directory can evaluate is refused with what to write instead', () => {
    expect(() => parseFilter('(memberOf:1.2.840.113556.1.4.1941:=cn=x)')).toThrow(
      /expected the scope's "groups" with "nested: true"/,
    );
  });

  test('nesting and length are bounded', () => {
    expect(() => parseFilter(`${'(!'.repeat(33)}(a=b)${')'.repeat(33)}`)).toThrow(/nested too deeply/);
    expect(() => parseFilter(`(a=${'x'.repeat(9000)})`)).toThrow(/at most 8192 characters/);
  });
});

const attribute = fc.constantFrom('cn', 'objectClass', 'x-1', '2.5.4.3', 'cn;lang-de');
const text = fc.string({ unit: 'grapheme', maxLength: 10 });
const value = fc.oneof(text, fc.constant({ base64: Buffer.from([0xff, 0x00, 0x2a]).toString('base64') }));
const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constantFrom('equal', 'approximate', 'greater-or-equal', 'less-or-equal'), attribute, value }),
    fc.record({ kind: fc.constant('present'), attribute }),
    fc
      .record(
        {
          kind: fc.constant('substrings'),
          attribute,
          initial: part,
          any: fc.array(part, { maxLength: 2 }),
          final: part,
        },
        { requiredKeys: ['kind', 'attribute', 'any'] },
      )
      .filter((found) => found.initial !== undefined || found.final !== undefined || found.any.length > 0),
    fc.record(
      {
        kind: fc.constant('extensible'),
        attribute,
        dn: fc.boolean(),
        rule: fc.constantFrom('caseExactMatch', '2.5.13.2'),
        value,
      },
      { requiredKeys: ['kind', 'attribute', 'dn', 'value'] },
    ),
    fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
  ),
}));

describe('laws', () => {
  test('a printed filter is read back as it was', () => {
    fc.assert(
      fc.property(filter, (found) => {
        expect(parseFilter(printFilter(found))).toEqual(found);
      }),
    );
  });

  test('text of any kind gives a filter or a FilterProblem', () => {
    const likeFilters = fc.string({
      unit: fc.constantFrom('(', ')', '&', '|', '!', '=', '~', '>', '<', ':', '*', '\\', 'c', 'n', '2', 'a', 'dn', ' '),
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCodeUnit }), likeFilters), (found) => {
        try {
          matches(found);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterProblem);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('the opposite of a filter finds what the filter does not', () => {
    fc.assert(
      fc.property(filter, (found) => {
        expect(matchesFilter({ kind: 'not', filter: found }, jane)).toBe(!matchesFilter(found, jane));
      }),
    );
  });
});
