import { expect, test } from 'vitest';
import { parseTargetPath, pathKey, TargetPathProblem } from './target-path.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

test.each([
  ['userName', { attribute: 'userName' }],
  ['name.givenName', { attribute: 'name', subAttribute: 'givenName' }],
  [
    'emails[type eq "work"].value',
    { attribute: 'emails', where: [{ attribute: 'type', value: 'work' }], subAttribute: 'value' },
  ],
  [
    'emails[type eq "a]b" and primary eq true].value',
    {
      attribute: 'emails',
      where: [
        { attribute: 'type', value: 'a]b' },
        { attribute: 'primary', value: true },
      ],
      subAttribute: 'value',
    },
  ],
  [`${enterprise}:department`, { schema: enterprise, attribute: 'department' }],
  [`${enterprise}:manager.value`, { schema: enterprise, attribute: 'manager', subAttribute: 'value' }],
  [
    'urn:example:a:1.0:User:x[type eq "a:b"].value',
    {
      schema: 'urn:example:a:1.0:User',
      attribute: 'x',
      where: [{ attribute: 'type', value: 'a:b' }],
      subAttribute: 'value',
    },
  ],
])('%s is a target path', (text, path) => {
  expect(parseTargetPath(text)).toEqual(path);
});

test.each([
  '',
  'a..b',
  'a.b.c',
  'x y',
  '1a',
  'emails[type eq "work"',
  'emails[type sw "w"].value',
  'emails[].value',
  'emails[type eq "x"]value',
  'emails[type eq "x"][type eq "y"]',
  'urn:x',
  'a:b',
])('%j is no target path', (text) => {
  expect(() => parseTargetPath(text)).toThrow(TargetPathProblem);
});

test('paths that differ in case and order only are the same field', () => {
  expect(pathKey(parseTargetPath('Emails[Type eq "work" and primary eq true].VALUE'))).toBe(
    pathKey(parseTargetPath('emails[primary eq true and type eq "work"].value')),
  );
});
