import { expect, test } from 'vitest';
import { parseJavaMajor } from './java-tools.js';

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_401"', 8],
  ['openjdk version "25" 2025-09-16', 25],
  ['no Java here', 0],
])('%s is Java %i', (text, major) => expect(parseJavaMajor(text)).toBe(major));
