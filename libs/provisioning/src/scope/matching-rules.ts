/** Ways to compare that a filter may ask for by name or object identifier (RFC 4517, MS-ADTS 3.1.1.3.4.4). */
export type MatchingRule =
  'case-ignore' | 'case-exact' | 'integer' | 'boolean' | 'dn' | 'octets' | 'digits' | 'bit-and' | 'bit-or';

const RULES: Readonly<Record<string, MatchingRule>> = {
  caseignorematch: 'case-ignore',
  caseignoreia5match: 'case-ignore',
  caseexactmatch: 'case-exact',
  caseexactia5match: 'case-exact',
  integermatch: 'integer',
  booleanmatch: 'boolean',
  distinguishednamematch: 'dn',
  uniquemembermatch: 'dn',
  octetstringmatch: 'octets',
  numericstringmatch: 'digits',
  telephonenumbermatch: 'digits',
  objectidentifiermatch: 'case-ignore',
  '2.5.13.2': 'case-ignore',
  '1.3.6.1.4.1.1466.109.114.2': 'case-ignore',
  '2.5.13.5': 'case-exact',
  '1.3.6.1.4.1.1466.109.114.1': 'case-exact',
  '2.5.13.14': 'integer',
  '2.5.13.13': 'boolean',
  '2.5.13.1': 'dn',
  '2.5.13.23': 'dn',
  '2.5.13.17': 'octets',
  '2.5.13.8': 'digits',
  '2.5.13.20': 'digits',
  '2.5.13.0': 'case-ignore',
  '1.2.840.113556.1.4.803': 'bit-and',
  '1.2.840.113556.1.4.804': 'bit-or',
};

/** Rules that need the directory itself, with what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  '1.2.840.113556.1.4.1941': 'the scope\'s "groups" with "nested: true"',
};

/** The rule of that name or object identifier; undefined where it is not supported. */
export const matchingRule = (nameOrOid: string): MatchingRule | undefined => {
  const key = nameOrOid.toLowerCase();
  return Object.hasOwn(RULES, key) ? RULES[key] : undefined;
};

/** What to write instead of an unsupported rule. */
export const insteadOfRule = (nameOrOid: string): string =>
  INSTEAD[nameOrOid] ??
  'caseIgnoreMatch, caseExactMatch, integerMatch, booleanMatch, distinguishedNameMatch, octetStringMatch, numericStringMatch, telephoneNumberMatch, or the bit rules 1.2.840.113556.1.4.803 and .804';

/** Attributes whose values are names of entries (RFC 4519, RFC 2798, RFC 5020, Active Directory). */
const DN_ATTRIBUTES = new Set(
  'member memberof uniquemember ismemberof manager secretary owner seealso roleoccupant entrydn distinguishedname managedby directreports'.split(
    ' ',
  ),
);
const DIGIT_ATTRIBUTES = new Set('telephonenumber mobile pager homephone facsimiletelephonenumber'.split(' '));
const EXACT_ATTRIBUTES = new Set('uidnumber gidnumber labeleduri'.split(' '));

/** The equality rule of an attribute (in lower case), caseIgnoreMatch where nothing else is known. */
export function ruleOfAttribute(attribute: string): MatchingRule {
  if (DN_ATTRIBUTES.has(attribute)) return 'dn';
  if (DIGIT_ATTRIBUTES.has(attribute)) return 'digits';
  return EXACT_ATTRIBUTES.has(attribute) ? 'case-exact' : 'case-ignore';
}
