import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPath, parsePath } from './document-path.js';

test('a path is written as people read it', () => {
  expect(formatPath(['spec', 'channels', 0, 'attributes', 'emails[type eq "work"].value'])).toBe(
    'spec.channels[0].attributes["emails[type eq \\"work\\"].value"]',
  );
});

test('a written path is read back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.nat(99)), { maxLength: 5 }), (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
  );
});
