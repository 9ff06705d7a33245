import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementPath, equalsFilter } from './write-filter.js';

test('quotes and backslashes stay inside of the value', () => {
  expect(equalsFilter('userName', 'o"neil\\')).toBe('userName eq "o\\"neil\\\\"');
  expect(elementPath('members', 'value', 'a"]')).toBe('members[value eq "a\\"]"]');
});

test('whatever the value is, the filter is one comparison with it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      (value) => {
        const written = equalsFilter('userName', value);
        expect(written.startsWith('userName eq "')).toBe(true);
        // A JSON string ends at its first quote that is not escaped, and this one ends at the end.
        expect(written.slice('userName eq '.length)).toMatch(/^"(?:[^"\\]|\\.)*"$/);
        expect(JSON.parse(written.slice('userName eq '.length))).toBe(value);
      },
    ),
  );
});
