import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startScimTarget, type ScimTarget } from './scim-target.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown> & { Resources?: Record<string, unknown>[] };
}

let target: ScimTarget;
let number = 0;
beforeAll(async () => {
  target = await startScimTarget();
});
afterAll(() => target.stop());

function freshTenant() {
  const tenant = target.tenant(`t${(number += 1)}`);
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(tenant.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/scim+json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: (text === '' ? {} : JSON.parse(text)) as Answer['json'],
    };
  };
  const user = async (userName: string, more: object = {}) =>
    String((await call('POST', '/Users', { schemas: [USER], userName, externalId: `x-${userName}`, ...more })).json.id);
  const patch = (path: string, ...Operations: object[]) => call('PATCH', path, { schemas: [PATCH], Operations });
  return { tenant, call, user, patch };
}

describe('resources', () => {
  test('a user is created, found, changed and deleted', async () => {
    const { call, user, patch, tenant } = freshTenant();
    const id = await user('ann', { name: { givenName: 'Ann' }, emails: [{ type: 'work', value: 'a@x.example' }] });
    expect((await call('GET', `/Users?filter=${encodeURIComponent('userName eq "ANN"')}`)).json).toMatchObject({
      totalResults: 1,
      Resources: [{ id, active: true }],
    });
    await patch(
      `/Users/${id}`,
      { op: 'replace', path: 'active', value: false },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'b@x.example' },
      { op: 'add', path: `${ENTERPRISE}:department`, value: 'R&D' },
      { op: 'remove', path: 'name.givenName' },
    );
    const shown = tenant.user('x-ann');
    expect(shown).toMatchObject({
      schemas: [USER, ENTERPRISE],
      active: false,
      emails: [{ type: 'work', value: 'b@x.example' }],
      [ENTERPRISE]: { department: 'R&D' },
    });
    expect(shown).not.toHaveProperty('name');
    expect((await call('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/Users/${id}`)).status).toBe(404);
    expect(tenant.ledger.effects().map(({ effect }) => effect)).toEqual(['created', 'updated', 'deleted']);
  });

  test('a password is never shown', async () => {
    const { call, user } = freshTenant();
    const id = await user('ann', { password: 'secret' });
    expect(JSON.stringify((await call('GET', `/Users/${id}`)).json)).not.toContain('secret');
  });

  test.each([
    ['no schemas', { userName: 'a' }, 'invalidSyntax'],
    ['an unknown attribute', { schemas: [USER], userName: 'a', nick: 'b' }, 'invalidSyntax'],
    ['an unknown schema', { schemas: [USER, 'urn:x'], userName: 'a' }, 'invalidValue'],
    [
      'an extension that schemas does not name',
      { schemas: [USER], userName: 'a', [ENTERPRISE]: { department: 'x' } },
      'invalidValue',
    ],
    ['a string where a boolean belongs', { schemas: [USER], userName: 'a', active: 'False' }, 'invalidValue'],
    [
      'two primary values',
      {
        schemas: [USER],
        userName: 'a',
        emails: [
          { value: 'b', primary: true },
          { value: 'c', primary: true },
        ],
      },
      'invalidValue',
    ],
    ['no userName', { schemas: [USER], displayName: 'a' }, 'invalidValue'],
    ['broken JSON', '{"schemas":', 'invalidSyntax'],
  ])('%s is refused', async (_what, body, scimType) => {
    const { call, tenant } = freshTenant();
    const answer = await call('POST', '/Users', body);
    expect(answer).toMatchObject({ status: 400, json: { scimType, status: '400' } });
    expect(tenant.users.size).toBe(0);
  });

  test('unique values are kept unique, also by PATCH', async () => {
    const { call, user, patch } = freshTenant();
    await user('ann');
    const bob = await user('bob');
    expect(await call('POST', '/Users', { schemas: [USER], userName: 'ANN' })).toMatchObject({
      status: 409,
      json: { scimType: 'uniqueness' },
    });
    expect((await patch(`/Users/${bob}`, { op: 'replace', path: 'userName', value: 'Ann' })).status).toBe(409);
    expect((await patch(`/Users/${bob}`, { op: 'replace', path: 'userName', value: 'BOB' })).status).toBe(200);
  });

  test('a PATCH with one bad operation changes nothing', async () => {
    const { tenant, user, patch } = freshTenant();
    const id = await user('ann');
    const answer = await patch(
      `/Users/${id}`,
      { op: 'replace', path: 'title', value: 'Dr' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'x' },
    );
    expect(answer).toMatchObject({ status: 400, json: { scimType: 'noTarget' } });
    expect(tenant.user('x-ann')).not.toHaveProperty('title');
  });

  test.each([
    [{ op: 'Replace', path: 'title', value: 'x' }, 'invalidSyntax'],
    [{ op: 'replace', path: 'nothing', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'remove', path: 'userName' }, 'invalidValue'],
  ])('the operation %j is refused', async (operation, scimType) => {
    const { user, patch } = freshTenant();
    expect(await patch(`/Users/${await user('ann')}`, operation)).toMatchObject({ status: 400, json: { scimType } });
  });

  test.each([
    ['userName eq "a\\"b"', ['a"b']],
    ['externalId eq "x-ann"', ['ann']],
    ['not (userName eq "ann") and userName sw "b"', ['bob']],
    ['emails[type eq "work" and value co "@x"]', ['ann']],
    ['emails.value eq "A@x.example"', ['ann']],
    [`${ENTERPRISE}:department pr or title ew "r"`, ['ann', 'bob']],
  ])('the filter %s is understood', async (filter, names) => {
    const { call, user } = freshTenant();
    await user('ann', { emails: [{ type: 'work', value: 'a@x.example' }], title: 'Dr' });
    await user('bob', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'R&D' } });
    await user('a"b');
    const { json } = await call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect(json.Resources?.map(({ userName }) => userName)).toEqual(names);
  });

  test.each(['userName', 'nothing eq "x"', 'userName eq ann', 'userName xx "a"', '(userName eq "a"', ''])(
    'the filter "%s" is refused',
    async (filter) => {
      const { call } = freshTenant();
      expect(await call('GET', `/Users?filter=${encodeURIComponent(filter)}`)).toMatchObject({
        status: 400,
        json: { scimType: 'invalidFilter' },
      });
    },
  );

  test('lists are paged by index and by cursor', async () => {
    const { call, user, tenant } = freshTenant();
    tenant.configure({ maxPage: 2 });
    for (const name of ['a', 'b', 'c']) await user(name);
    expect((await call('GET', '/Users?startIndex=3&count=10')).json).toMatchObject({
      totalResults: 3,
      Resources: [{ userName: 'c' }],
    });
    tenant.configure({ cursorPaging: true });
    const first = (await call('GET', '/Users?cursor&count=2')).json;
    const second = (await call('GET', `/Users?count=2&cursor=${String(first.nextCursor)}`)).json;
    expect([first.Resources?.length, second.Resources?.length, second.nextCursor]).toEqual([2, 1, undefined]);
  });

  test('versions guard against lost updates', async () => {
    const { call, user, tenant } = freshTenant();
    tenant.configure({ etag: 'required' });
    const path = `/Users/${await user('ann')}`;
    const body = { schemas: [USER], userName: 'ann2' };
    expect((await call('PUT', path, body)).status).toBe(428);
    expect((await call('PUT', path, body, { 'if-match': 'W/"1"' })).headers.get('etag')).toBe('W/"2"');
    expect((await call('PUT', path, body, { 'if-match': 'W/"1"' })).status).toBe(412);
  });
});

describe('groups', () => {
  test('members are added and removed, once each, and leave with their account', async () => {
    const { call, user, patch, tenant } = freshTenant();
    const [ann, bob] = [await user('ann'), await user('bob')];
    const group = String(
      (await call('POST', '/Groups', { schemas: [GROUP], displayName: 'staff', members: [{ value: ann }] })).json.id,
    );
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: ann }, { value: bob }] });
    expect(tenant.members.count(group)).toBe(2);
    expect((await call('GET', `/Users/${bob}`)).json.groups).toMatchObject([{ value: group }]);
    await patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${ann}"]` });
    await call('DELETE', `/Users/${bob}`);
    expect(tenant.group('staff')).not.toHaveProperty('members');
  });

  test('an unknown member and too many members refuse the whole request', async () => {
    const { call, user, patch, tenant } = freshTenant();
    tenant.configure({ maxMembersPerPatch: 1 });
    const [ann, bob] = [await user('ann'), await user('bob')];
    const group = String((await call('POST', '/Groups', { schemas: [GROUP], displayName: 'staff' })).json.id);
    const add = (...ids: string[]) =>
      patch(`/Groups/${group}`, { op: 'add', path: 'members', value: ids.map((value) => ({ value })) });
    expect((await add('nobody')).status).toBe(400);
    expect((await add(ann, bob)).status).toBe(413);
    expect(tenant.members.count(group)).toBe(0);
  });
});

describe('faults', () => {
  test('an answer can be lost after its effect, and a connection cut before it', async () => {
    const { user, tenant } = freshTenant();
    tenant.faults.add({ kind: 'reset' }, { kind: 'lost-answer' });
    await expect(user('ann')).rejects.toThrow();
    expect(tenant.users.size).toBe(0);
    await expect(user('ann')).rejects.toThrow();
    expect(tenant.users.size).toBe(1);
    expect(tenant.ledger.entries.map(({ status, effect }) => [status, effect])).toEqual([
      [0, 'none'],
      [0, 'created'],
    ]);
    expect(tenant.ledger.createsPerKey().get('x-ann')).toBe(1);
  });

  test('a fault hits the request it names, as often as it says', async () => {
    const { call, tenant } = freshTenant();
    tenant.faults.add({
      kind: 'throttle',
      style: 'retry-after',
      seconds: 7,
      on: { method: 'GET', path: /^\/Groups/ },
      after: 1,
      times: 2,
    });
    expect((await call('GET', '/Users')).status).toBe(200);
    const answers = [
      await call('GET', '/Groups'),
      await call('GET', '/Groups'),
      await call('GET', '/Groups'),
      await call('GET', '/Groups'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 200]);
    expect(answers[1]?.headers.get('retry-after')).toBe('7');
    expect(tenant.faults.pending).toBe(0);
  });

  test('a wrong token changes nothing', async () => {
    const { call, tenant } = freshTenant();
    expect(
      (await call('POST', '/Users', { schemas: [USER], userName: 'a' }, { authorization: 'Bearer x' })).status,
    ).toBe(401);
    expect(tenant.users.size).toBe(0);
  });
});

test('tenants know nothing of each other', async () => {
  const [one, two] = [freshTenant(), freshTenant()];
  await one.user('ann');
  expect(two.tenant.users.size).toBe(0);
  await two.user('ann');
  expect(two.tenant.users.size).toBe(1);
});
