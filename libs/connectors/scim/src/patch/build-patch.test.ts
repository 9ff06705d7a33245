import type { TargetAttributes } from '@provisor/contracts';
import fc from 'fast-check';
import { scimPatch, type ScimPatchOperation, type ScimResource } from 'scim-patch';
import { describe, expect, test } from 'vitest';
import { SCIM_2_0 } from '../profile/defaults.js';
import type { VendorProfile } from '../profile/vendor-profile.js';
import { buildResource } from '../resource/build-resource.js';
import type { Json } from '../resource/json.js';
import { accountChange, overlay, type AccountChange } from './account-change.js';
import { buildPatch, needsWhole, patchBodies } from './build-patch.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const STYLE = SCIM_2_0.update;
const style = (more: Partial<VendorProfile['update']>): VendorProfile['update'] => ({ ...STYLE, ...more });

function changeOf(
  what: { set?: TargetAttributes; clear?: string[]; active?: boolean; references?: Record<string, string | null> },
  leftOut: readonly string[] = [],
): AccountChange {
  const request = { objectType: 'user' as const, objectId: 'o', targetId: 't', set: {}, clear: [], ...what };
  return accountChange({ ...request, desired: { active: true, attributes: {} } }, leftOut);
}

describe('operations', () => {
  test('are minimal: one for each path, removals first, in lower case', () => {
    const change = changeOf({
      set: {
        displayName: 'Ann',
        'name.givenName': 'Ann',
        'emails[type eq "work"].value': 'a',
        [`${ENTERPRISE}:department`]: 'R&D',
      },
      clear: ['title', 'emails[type eq "home"].value', 'addresses[type eq "work"].locality'],
      references: { [`${ENTERPRISE}:manager.value`]: 'm1' },
    });
    expect(buildPatch(change, STYLE)).toEqual([
      { op: 'remove', path: 'title' },
      { op: 'remove', path: 'emails[type eq "home"]' },
      { op: 'remove', path: 'addresses[type eq "work"].locality' },
      { op: 'replace', path: 'displayName', value: 'Ann' },
      { op: 'replace', path: 'name.givenName', value: 'Ann' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'a' },
      { op: 'replace', path: `${ENTERPRISE}:department`, value: 'R&D' },
      { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'm1' } },
    ]);
  });

  test('an account is switched on first and off last', () => {
    const set = { title: 'Dr' };
    expect(buildPatch(changeOf({ set, active: true }), STYLE).map(({ path }) => path)).toEqual(['active', 'title']);
    expect(buildPatch(changeOf({ set, active: false }), STYLE).map(({ path }) => path)).toEqual(['title', 'active']);
  });

  test('a reference to nobody is removed', () => {
    expect(buildPatch(changeOf({ references: { [`${ENTERPRISE}:manager`]: null } }), STYLE)).toEqual([
      { op: 'remove', path: `${ENTERPRISE}:manager` },
    ]);
  });

  test('nothing to change makes no operation', () => {
    expect(buildPatch(changeOf({}), STYLE)).toEqual([]);
    expect(buildPatch(changeOf({ set: { password: 'x' }, clear: ['title'] }, ['password', 'title']), STYLE)).toEqual(
      [],
    );
  });

  test.each([
    ['remove', { op: 'remove', path: 'title' }],
    ['emptyString', { op: 'replace', path: 'title', value: '' }],
    ['null', { op: 'replace', path: 'title', value: null }],
  ] as const)('clearStyle %s', (clearStyle, operation) => {
    expect(buildPatch(changeOf({ clear: ['title'] }), style({ clearStyle }))).toEqual([operation]);
  });

  test('noPathObject: one object with all values', () => {
    const change = changeOf({
      set: { displayName: 'Ann', 'name.givenName': 'Ann', [`${ENTERPRISE}:department`]: 'R&D' },
      active: false,
      clear: ['title'],
    });
    expect(buildPatch(change, style({ style: 'noPathObject' }))).toEqual([
      { op: 'remove', path: 'title' },
      { op: 'replace', value: { displayName: 'Ann', name: { givenName: 'Ann' }, [ENTERPRISE]: { department: 'R&D' } } },
      { op: 'replace', value: { active: false } },
    ]);
  });

  test('the dialect of Entra ID: title case and booleans as strings', () => {
    expect(buildPatch(changeOf({ active: false }), style({ opCase: 'title', booleansAsStrings: true }))).toEqual([
      { op: 'Replace', path: 'active', value: 'False' },
    ]);
  });

  test('without value paths the whole attribute is written, other elements included', () => {
    const current = {
      emails: [
        { type: 'work', value: 'a', primary: true },
        { type: 'home', value: 'h' },
      ],
    };
    const change = changeOf({
      set: { 'emails[type eq "work"].value': 'b', 'phoneNumbers[type eq "work"].value': '1' },
    });
    const narrow = style({ valuePathFilters: false });
    expect(change.changes.some((each) => needsWhole(each, narrow))).toBe(true);
    expect(buildPatch(change, narrow, current)).toEqual([
      {
        op: 'replace',
        path: 'emails',
        value: [
          { type: 'work', value: 'b', primary: true },
          { type: 'home', value: 'h' },
        ],
      },
      { op: 'add', path: 'phoneNumbers', value: [{ type: 'work', value: '1' }] },
    ]);
  });

  test('complexWhole: name is written as a whole', () => {
    const current = { name: { givenName: 'Ann', familyName: 'Example' } };
    expect(
      buildPatch(changeOf({ set: { 'name.givenName': 'Anna' } }), style({ complexWhole: ['name'] }), current),
    ).toEqual([{ op: 'replace', path: 'name', value: { givenName: 'Anna', familyName: 'Example' } }]);
  });

  test('a quote in an element filter cannot end it', () => {
    const path = 'emails[type eq "a\\"] or b"].value';
    expect(buildPatch(changeOf({ set: { [path]: 'x' } }), STYLE)).toEqual([]);
    expect(buildPatch(changeOf({ set: { 'emails[type eq "a\\"b"].value': 'x' } }), STYLE)).toEqual([
      { op: 'replace', path: 'emails[type eq "a\\"b"].value', value: 'x' },
    ]);
  });
});

test('requests: one for each operation, or as many as fit', () => {
  const operations = buildPatch(changeOf({ set: { title: 'a', nickName: 'b', locale: 'c' } }), STYLE);
  const sizes = (more: Partial<VendorProfile['update']>) =>
    patchBodies(operations, style(more)).map(({ Operations }) => (Operations as unknown[]).length);
  expect(sizes({})).toEqual([3]);
  expect(sizes({ maxOps: 2 })).toEqual([2, 1]);
  expect(sizes({ style: 'onePerRequest' })).toEqual([1, 1, 1]);
});

/** Applies a PATCH as an implementation that is not ours understands it. */
function applied(resource: Json, operations: readonly { op: string }[]): Json {
  return scimPatch(
    structuredClone(resource) as unknown as ScimResource,
    operations as unknown as ScimPatchOperation[],
  ) as unknown as Json;
}

/** Empty containers and a missing attribute are the same (RFC 7643 §2.5), and so is an element that only says its type. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal).filter((element) => !isBare(element));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).map(([key, inner]) => [key, normal(inner)] as const);
  return Object.fromEntries(
    kept
      .filter(([key, inner]) => key !== 'schemas' && JSON.stringify(inner) !== '{}' && JSON.stringify(inner) !== '[]')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const isBare = (element: unknown): boolean =>
  typeof element === 'object' &&
  element !== null &&
  Object.keys(element).every((key) => key === 'type' || key === 'primary');

const PATHS = [
  'userName',
  'displayName',
  'title',
  'name.givenName',
  'name.familyName',
  'emails[type eq "work"].value',
  'emails[type eq "home"].value',
  'addresses[type eq "work"].locality',
  'addresses[type eq "work"].country',
  `${ENTERPRISE}:department`,
  `${ENTERPRISE}:employeeNumber`,
];
const attributes = fc
  .tuple(
    ...PATHS.map((path) =>
      fc.tuple(fc.constant(path), fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined })),
    ),
  )
  .map((pairs) => Object.fromEntries(pairs.flatMap(([path, value]) => (value === undefined ? [] : [[path, value]]))));

describe('scim-patch as oracle', () => {
  const unmanaged = { nickName: 'Nick', roles: [{ value: 'admin' }], 'urn:other:1.0': { x: 1 } };
  const difference = (before: TargetAttributes, after: TargetAttributes) => ({
    set: Object.fromEntries(Object.entries(after).filter(([path, value]) => before[path] !== value)),
    clear: Object.keys(before).filter((path) => !(path in after)),
  });

  test('applying the difference of two states to the first gives the second, and leaves the rest alone', () => {
    fc.assert(
      fc.property(attributes, attributes, fc.constantFrom('direct', 'whole'), (before, after, mode) => {
        const resource = {
          ...buildResource({ objectType: 'user', attributes: before, unsupported: [] }),
          ...unmanaged,
        };
        const change = changeOf(difference(before, after));
        const expected = normal(overlay(resource, change));
        const whole = style({ valuePathFilters: false, complexWhole: ['name'] });
        let result: Json;
        try {
          result = applied(
            resource,
            mode === 'whole' ? buildPatch(change, whole, resource) : buildPatch(change, STYLE),
          );
        } catch {
          // A path to an element that is not there is refused by strict targets; then whole attributes are written.
          result = applied(resource, buildPatch(change, whole, resource));
        }
        expect(normal(result)).toEqual(expected);
        expect(result).toMatchObject(unmanaged);
      }),
      { numRuns: 500 },
    );
  });

  test('the difference of a state with itself is empty', () => {
    fc.assert(
      fc.property(attributes, (state) => {
        expect(buildPatch(changeOf(difference(state, state)), STYLE)).toEqual([]);
      }),
    );
  });

  test('an overlay holds every desired value', () => {
    fc.assert(
      fc.property(attributes, attributes, (before, after) => {
        const resource = buildResource({ objectType: 'user', attributes: before, unsupported: [] });
        const result = normal(overlay(resource, changeOf(difference(before, after))));
        const built = normal(buildResource({ objectType: 'user', attributes: after, unsupported: [] }));
        const withoutPrimary = (value: unknown) =>
          JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === 'primary' ? undefined : inner)) as Json;
        const sorted = (value: Json) => ({
          ...value,
          emails: [...((value.emails ?? []) as { type: string }[])].sort((a, b) => (a.type < b.type ? -1 : 1)),
        });
        expect(sorted(withoutPrimary(result))).toEqual(sorted(withoutPrimary(built)));
      }),
    );
  });
});
