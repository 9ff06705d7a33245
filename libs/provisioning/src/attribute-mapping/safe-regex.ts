const MAX_PATTERN = 256;

/**
 * Why a regular expression must not be used, or undefined where it may: only patterns whose time grows with a small power of
 * the text's length are accepted. CEL demands RE2, which has neither look-around nor back references.
 */
export function regexFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) return `the pattern is longer than ${MAX_PATTERN} characters`;
  if (/\(\?(?!:)/.test(withoutClasses(pattern))) return 'look-around and named groups are not supported';
  if (/\\[1-9k]/.test(pattern)) return 'back references are not supported';
  try {
    new RegExp(pattern);
  } catch {
    return 'the pattern is not a regular expression';
  }
  if (repeatsARepetition(withoutClasses(pattern)))
    return 'a repeated group must not contain a repetition or an alternative';
  return undefined;
}

/** The power of the text's length that bounds a search: one for each unbounded repetition, one more where it is not anchored. */
export function regexExponent(pattern: string): number {
  const plain = withoutClasses(pattern);
  const unbounded = plain.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  return unbounded + (plain.startsWith('^') && !plain.includes('|') ? 0 : 1);
}

/** Escapes and character classes replaced by one plain character each, so that what is left is structure. */
const withoutClasses = (pattern: string): string => pattern.replace(/\\[^]/g, 'a').replace(/\[(?:[^\]])*\]/g, 'a');

function repeatsARepetition(plain: string): boolean {
  const open: { risky: boolean }[] = [{ risky: false }];
  for (let at = 0; at < plain.length; at++) {
    const character = plain[at];
    if (character === '(') {
      open.push({ risky: false });
      if (plain.startsWith('(?:', at)) at += 2;
      continue;
    }
    const group = open.at(-1);
    if (group === undefined) return true;
    if (character === ')') {
      open.pop();
      const repeated = /^[*+{]/.test(plain.slice(at + 1));
      if (repeated && group.risky) return true;
      const parent = open.at(-1);
      if (parent !== undefined && (group.risky || repeated)) parent.risky = true;
    } else if (character !== undefined && '*+|{?'.includes(character)) group.risky = true;
  }
  return false;
}
