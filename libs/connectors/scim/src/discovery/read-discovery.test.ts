import { expect, test } from 'vitest';
import { readDiscovery } from './read-discovery.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

test('what is not said stays unknown', () => {
  expect(readDiscovery({})).toEqual({ paging: {}, users: {}, groups: {} });
  expect(readDiscovery({ serviceProviderConfig: 'nonsense', resourceTypes: 7, schemas: null })).toEqual({
    paging: {},
    users: {},
    groups: {},
  });
});

test('no PATCH, versions and the page size', () => {
  const serviceProviderConfig = {
    Patch: { supported: false },
    etag: { supported: true },
    filter: { supported: true, maxResults: 50 },
  };
  expect(readDiscovery({ serviceProviderConfig })).toMatchObject({
    update: { verb: 'put' },
    etag: 'ifMatch',
    paging: { maxPage: 50 },
  });
});

test.each([
  [{ cursor: true, index: false }, 'cursor'],
  [{ cursor: true, index: true, defaultPaginationMethod: 'cursor' }, 'cursor'],
  [{ cursor: true, index: true, defaultPaginationMethod: 'index' }, undefined],
])('RFC 9865 %j', (pagination, mode) => {
  expect(readDiscovery({ serviceProviderConfig: { pagination } }).paging?.mode).toBe(mode);
});

test.each([
  ['a ListResponse', (list: unknown[]) => ({ Resources: list })],
  ['a bare list', (list: unknown[]) => list],
])('endpoints and mutability from %s', (_form, wrap) => {
  const resourceTypes = wrap([{ name: 'User', endpoint: 'https://x.example/scim/v2/People/' }]);
  const schemas = wrap([
    {
      id: USER,
      attributes: [
        { name: 'id', mutability: 'readOnly' },
        { name: 'groups', mutability: 'readOnly' },
        { name: 'userName', mutability: 'immutable' },
      ],
    },
  ]);
  expect(readDiscovery({ resourceTypes, schemas })).toEqual({
    paging: {},
    users: { endpoint: '/scim/v2/People', unsupported: ['groups'], immutable: ['userName'] },
    groups: { supported: false },
  });
});

test('user names are unique unless the target says that they are not', () => {
  const schemas = (uniqueness?: string) => [{ id: USER, attributes: [{ name: 'userName', uniqueness }] }];
  expect(readDiscovery({ schemas: schemas('none') }).users?.unique).toEqual([]);
  expect(readDiscovery({ schemas: schemas('server') }).users?.unique).toBeUndefined();
  expect(readDiscovery({ schemas: schemas() }).users?.unique).toBeUndefined();
});
