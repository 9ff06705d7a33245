/** Insignificant space handling of RFC 4518 section 2.6.1: none at the ends, one inside. Control characters count as space. */
export function foldSpaces(value: string): string {
  return NEEDS_FOLDING.test(value) ? value.replace(SPACES, ' ').trim() : value;
}

/** A value as caseIgnoreMatch compares it: compatibility composition, case folded, spaces folded (RFC 4518). */
export function foldCase(value: string): string {
  const plain = ASCII.test(value) ? value : value.normalize('NFKC');
  return foldSpaces(plain.toLowerCase());
}

/** A value as an approximate match compares it: letters and digits only, without accents and case. */
export function foldApproximately(value: string): string {
  return value
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

const SPACES = /[\s\u0085]+/g;
const NEEDS_FOLDING = /^[\s\u0085]|[\s\u0085]$|[\s\u0085]{2}|[^\S ]|\u0085/;
const ASCII = /^[\x20-\x7e]*$/;
