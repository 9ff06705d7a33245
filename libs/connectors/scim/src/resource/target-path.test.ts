import { expect, test } from 'vitest';
import { isCovered, parseTargetPath, wholePath } from './target-path.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

test.each([
  ['userName', { attribute: 'userName' }],
  ['name.givenName', { attribute: 'name', sub: 'givenName' }],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName', { attribute: 'userName' }],
  [
    'emails[type eq "work"].value',
    { attribute: 'emails', element: { attribute: 'type', value: 'work' }, sub: 'value' },
  ],
  ['emails[ type EQ "a\\"b" ]', { attribute: 'emails', element: { attribute: 'type', value: 'a"b' } }],
  [`${ENTERPRISE}:department`, { extension: ENTERPRISE, attribute: 'department' }],
  [`${ENTERPRISE}:manager.value`, { extension: ENTERPRISE, attribute: 'manager', sub: 'value' }],
  [
    'urn:x:1.0:tags[type eq "a:b"].value',
    { extension: 'urn:x:1.0', attribute: 'tags', element: { attribute: 'type', value: 'a:b' }, sub: 'value' },
  ],
])('%s', (source, parts) => {
  expect(parseTargetPath(source)).toEqual({ source, ...parts });
});

test.each(['', 'a b', 'emails[type sw "x"].value', 'emails[type eq "work"', 'a.b.c', '.value', 'name.'])(
  '"%s" is no path',
  (source) => {
    expect(parseTargetPath(source)).toBeUndefined();
  },
);

test('a whole attribute covers its parts, of its own schema only', () => {
  const [mail, department] = [
    parseTargetPath('emails[type eq "work"].value'),
    parseTargetPath(`${ENTERPRISE}:department`),
  ];
  if (mail === undefined || department === undefined) throw new Error('not parsed');
  expect(isCovered(mail, ['emails'])).toBe(true);
  expect(isCovered(department, ['department'])).toBe(false);
  expect(wholePath(department)).toBe(`${ENTERPRISE}:department`);
});
