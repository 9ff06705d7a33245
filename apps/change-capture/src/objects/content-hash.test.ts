import type { SourceAttributes } from '@provisor/contracts';
import type { SourceObject } from '@provisor/provisioning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedAttributes, contentHash, sourceHash } from './content-hash.js';

const value = fc.oneof(
  fc.string(),
  fc.uint8Array().map((bytes) => ({ base64: Buffer.from(bytes).toString('base64') })),
);
const name = fc.constantFrom('cn', 'sn', 'mail', 'jpegPhoto', 'cn;lang-de');
const attributes: fc.Arbitrary<SourceAttributes> = fc.dictionary(name, fc.array(value, { minLength: 1, maxLength: 4 }));
const object = (given: SourceAttributes, members?: string[]): SourceObject => ({
  objectId: 'a',
  objectType: members === undefined ? 'user' : 'group',
  dn: 'cn=a',
  enabled: true,
  attributes: given,
  references: {},
  ...(members === undefined ? {} : { members }),
});
const shuffled = (given: SourceAttributes): SourceAttributes =>
  Object.fromEntries(
    Object.entries(given)
      .reverse()
      .map(([attribute, values]) => [attribute, [...values].reverse()]),
  );

describe('hashes', () => {
  it('do not depend on the order of names and values', () => {
    fc.assert(
      fc.property(attributes, (given) => {
        expect(sourceHash(object(shuffled(given)))).toBe(sourceHash(object(given)));
        const content = { objectType: 'user', state: 'present', dn: 'cn=a', enabled: true } as const;
        expect(contentHash({ ...content, attributes: shuffled(given) })).toBe(
          contentHash({ ...content, attributes: given }),
        );
        expect(changedAttributes(given, shuffled(given))).toEqual([]);
      }),
    );
  });

  it('differ exactly where the attributes differ', () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const same = changedAttributes(before, after).length === 0;
        expect(sourceHash(object(before)) === sourceHash(object(after))).toBe(same);
      }),
    );
  });

  it('tell text from bytes, and see members', () => {
    expect(sourceHash(object({ cn: ['YQ=='] }))).not.toBe(sourceHash(object({ cn: [{ base64: 'YQ==' }] })));
    expect(sourceHash(object({}, ['a', 'b']))).toBe(sourceHash(object({}, ['b', 'a'])));
    expect(sourceHash(object({}, ['a']))).not.toBe(sourceHash(object({}, ['a', 'b'])));
    expect(changedAttributes({ cn: ['a'], sn: ['x'] }, { cn: ['a'], mail: ['m'] })).toEqual(['mail', 'sn']);
  });
});
