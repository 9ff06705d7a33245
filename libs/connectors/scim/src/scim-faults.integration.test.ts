import { scimTarget } from '@provisor/contracts';
import type { Fault } from '@provisor/testing';
import { describe, expect, test } from 'vitest';
import { createScimConnector } from './scim-connector.js';
import {
  afterTest,
  connect,
  created,
  onPost,
  person,
  serve,
  setUp,
  simulator,
  TRACE,
  updateOf,
} from './scim-target.fixture.js';

describe('a create whose answer says nothing certain', () => {
  const cases: readonly [string, Fault, string, number][] = [
    ['was lost', { kind: 'lost-answer', on: onPost }, 'http.network', 1],
    ['came as a reset before the effect', { kind: 'reset', on: onPost }, 'http.network', 0],
    ['stops in the middle', { kind: 'truncated', on: onPost }, 'scim.not-scim', 1],
    ['has no id', { kind: 'without-id', on: onPost }, 'scim.created-without-id', 1],
    ['is 500 with effect', { kind: 'status', status: 500, effect: true, on: onPost }, 'http.server-error', 1],
    ['is 503 without effect', { kind: 'status', status: 503, on: onPost }, 'http.unavailable', 0],
    [
      'is an HTML page of a proxy',
      { kind: 'status', status: 502, body: 'html', effect: true, on: onPost },
      'http.unavailable',
      1,
    ],
    ['is a login page', { kind: 'status', status: 200, body: 'html', on: onPost }, 'scim.not-scim', 0],
    ['is 202', { kind: 'status', status: 202, body: 'empty', effect: true, on: onPost }, 'scim.pending', 1],
    ['is late', { kind: 'delay', ms: 3_000, on: onPost }, 'http.timeout', 0],
  ];
  test.each(cases)('because it %s is ambiguous, and a lookup tells', async (_what, fault, code, accounts) => {
    const { tenant, connector, context } = setUp({ faults: [fault], timeout: '1s' });
    expect(await connector.create(person(), context)).toMatchObject({ kind: 'retryable', code, ambiguous: true });
    const found = await connector.lookup(person(), context);
    expect(found.kind).toBe(accounts === 1 ? 'found' : 'none');
    expect(tenant.users.size).toBe(accounts);
  });

  test('a target that cannot be reached has created nothing', async () => {
    const connector = connect('http://127.0.0.1:9/v2', { profile: { 'discovery.enabled': false } });
    const outcome = await connector.create(person(), setUp().context);
    expect(outcome).toMatchObject({ kind: 'retryable', code: 'http.network', systemic: true });
    expect(outcome).not.toHaveProperty('ambiguous');
  });
});

describe('a write whose answer says nothing certain', () => {
  const onPatch = { method: 'PATCH', path: '/Users' };
  const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

  test.each<[string, Fault]>([
    ['was lost', { kind: 'lost-answer', on: onPatch }],
    ['is 500 with effect', { kind: 'status', status: 500, effect: true, on: onPatch }],
    ['is 202', { kind: 'status', status: 202, body: 'empty', effect: true, on: onPatch }],
  ])('because it %s is ambiguous, and a read tells', async (_what, fault) => {
    const { connector, context } = setUp({ faults: [fault] });
    const boss = await created(connector, context, person('boss'));
    const targetId = await created(connector, context);
    const change = { ...updateOf(targetId, { set: { title: 'b' } }), references: { [manager]: boss } };
    expect(await connector.update(change, context)).toMatchObject({ kind: 'retryable', ambiguous: true });
    const wanted = { objectType: 'user' as const, objectId: 'o1', targetId, paths: ['title'], references: [manager] };
    expect(await connector.read?.(wanted, context)).toMatchObject({
      kind: 'found',
      account: { active: true, attributes: { title: 'b' }, references: { [manager]: boss } },
    });
  });

  test('nothing is found of an account that is gone', async () => {
    const { connector, context } = setUp();
    const wanted = { objectType: 'user' as const, objectId: 'o1', targetId: 'none', paths: [], references: [] };
    expect(await connector.read?.(wanted, context)).toEqual({ kind: 'none' });
  });
});

describe('throttling', () => {
  test.each(['retry-after', 'retry-after-date', 'x-retry-after', 'x-ratelimit-reset', 'ratelimit-reset'] as const)(
    'the delay in %s is kept',
    async (style) => {
      const { connector, context } = setUp({ faults: [{ kind: 'throttle', seconds: 30, style, on: onPost }] });
      const outcome = await connector.create(person(), context);
      expect(outcome).toMatchObject({ kind: 'retryable', code: 'http.throttled', throttled: true });
      const { retryAfterMs = 0 } = outcome as { retryAfterMs?: number };
      expect(retryAfterMs).toBeGreaterThan(28_000);
      expect(retryAfterMs).toBeLessThanOrEqual(31_000);
    },
  );
});

describe('every request', () => {
  test('waits for the budget, and carries one traceparent of the same trace', async () => {
    const { tenant, connector, context, budget } = setUp();
    const targetId = await created(connector, context);
    await connector.lookup(person(), context);
    await connector.update(updateOf(targetId, { set: { title: 'Dr' } }), context);
    await connector.remove({ objectType: 'user', objectId: 'o1', targetId }, context);
    expect(budget).toEqual(['read', 'read', 'read', 'write', 'read', 'write', 'write']);
    expect(tenant.ledger.entries.map(({ method }) => (method === 'GET' ? 'read' : 'write'))).toEqual(budget);
    for (const { traceparent } of tenant.ledger.entries)
      expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-0[01]$`));
  });

  test('a call that is given up ends at once', async () => {
    const { connector, context, abort } = setUp({ faults: [{ kind: 'delay', ms: 20_000, on: onPost }] });
    const call = connector.create(person(), {
      ...context,
      acquire: async (kind) => void (kind === 'write' && setTimeout(() => abort.abort(), 50)),
    });
    expect(await call).toMatchObject({ kind: 'retryable', code: 'http.aborted', ambiguous: true });
  });

  test('credentials that were renewed meanwhile are read again, once', async () => {
    const { connector, context, tenant } = setUp({ secrets: ['old-token', simulator().token] });
    await created(connector, context);
    expect(tenant.ledger.entries.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test('a secret that cannot be read halts without a request', async () => {
    const { tenant, context } = setUp();
    const connector = createScimConnector({
      target: scimTarget.parse({
        type: 'scim',
        baseUrl: tenant.baseUrl,
        auth: { type: 'bearer', token: { env: 'NOPE' } },
        allowInsecure: true,
      }),
      resolveSecret: () => Promise.reject(new Error('The environment variable NOPE is not set.')),
    });
    afterTest(() => connector.close());
    expect(await connector.create(person(), context)).toMatchObject({
      kind: 'halted',
      code: 'auth.secret',
      cause: expect.stringContaining('NOPE') as string,
    });
    expect(tenant.ledger.entries).toHaveLength(0);
  });
});

describe('a search is not believed', () => {
  const ignored = (times: number): Fault => ({ kind: 'filter-ignored', times, on: { method: 'GET', path: '/Users?' } });
  test('when it answers with everybody', async () => {
    const { connector, context } = setUp({ faults: [ignored(10)] });
    await created(connector, context, person('someone-else'));
    expect(await connector.lookup(person(), context)).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'rejected', code: 'scim.filter-ignored' },
    });
  });

  test('but the account is found among everybody', async () => {
    const { connector, context } = setUp({ faults: [ignored(10)] });
    await created(connector, context, person('someone-else'));
    const targetId = await created(connector, context);
    expect(await connector.lookup(person(), context)).toMatchObject({ kind: 'found', account: { targetId } });
  });

  test('when filters are refused; the next attribute is asked', async () => {
    const refuse: Fault = { kind: 'status', status: 400, scimType: 'invalidFilter', on: { path: /externalId/ } };
    const { connector, context } = setUp({ faults: [refuse] });
    const targetId = await created(connector, context);
    expect(await connector.lookup(person(), context)).toMatchObject({ kind: 'found', account: { targetId } });
    const none = setUp({ settings: { filter: false } });
    expect(await none.connector.lookup(person(), none.context)).toMatchObject({
      kind: 'failed',
      outcome: { code: 'scim.filter-refused' },
    });
  });
});

describe('updates at narrower targets', () => {
  const unmanaged = { nickName: 'Nick', roles: [{ value: 'admin' }] };

  test.each([
    ['discovery says so', {}],
    ['it was learnt from a refusal', { profile: { 'discovery.trust': false } }],
  ])('without PATCH, PUT keeps what is not managed: %s', async (_why, target) => {
    const { tenant, connector, context, writes } = setUp({ settings: { patch: false }, ...target });
    const targetId = await created(
      connector,
      context,
      person('o1', { ...unmanaged, title: 'Dr', 'name.givenName': 'Ann' }),
    );
    const change = updateOf(targetId, { set: { 'name.givenName': 'Anna' }, clear: ['title'], active: false });
    expect(await connector.update(change, context)).toMatchObject({ kind: 'applied' });
    expect(tenant.user('o1')).toMatchObject({
      ...unmanaged,
      userName: 'o1@x.example',
      name: { givenName: 'Anna' },
      active: false,
    });
    expect(tenant.user('o1')).not.toHaveProperty('title');
    const before = writes().length;
    expect(await connector.update(change, context)).toMatchObject({ kind: 'unchanged' });
    expect(writes().length).toBe(before);
  });

  test('an element that is not there yet is written with its whole attribute', async () => {
    const { tenant, connector, context } = setUp();
    const targetId = await created(connector, context, person('o1', { 'emails[type eq "home"].value': 'h@x.example' }));
    const outcome = await connector.update(
      updateOf(targetId, { set: { 'emails[type eq "work"].value': 'w@x.example', title: 'Dr' } }),
      context,
    );
    expect(outcome).toMatchObject({ kind: 'applied' });
    expect(tenant.user('o1')).toMatchObject({
      title: 'Dr',
      emails: [
        { type: 'home', value: 'h@x.example' },
        { type: 'work', value: 'w@x.example' },
      ],
    });
  });

  test('a refusal that nothing helps against is said once more and no further', async () => {
    const refuse: Fault = {
      kind: 'status',
      status: 400,
      scimType: 'invalidValue',
      detail: 'too long',
      times: 10,
      on: { method: 'PATCH' },
    };
    const { connector, context, writes } = setUp({ faults: [refuse] });
    const targetId = await created(connector, context);
    const outcome = await connector.update(updateOf(targetId, { set: { 'name.givenName': 'x' } }), context);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'scim.invalid', cause: 'HTTP 400 invalidValue: too long' });
    expect(writes()).toEqual(['POST 201', 'PATCH 400', 'PATCH 400']);
  });

  test('versions: the given one is sent, a stale one read anew', async () => {
    const { tenant, connector, context, writes } = setUp({ settings: { etag: 'supported' } });
    const targetId = await created(connector, context);
    const first = await connector.update(updateOf(targetId, { set: { title: 'a' }, targetVersion: 'W/"1"' }), context);
    expect(first).toMatchObject({ kind: 'applied', targetVersion: 'W/"2"' });
    const stale = await connector.update(updateOf(targetId, { set: { title: 'b' }, targetVersion: 'W/"1"' }), context);
    expect(stale).toMatchObject({ kind: 'applied', targetVersion: 'W/"3"' });
    expect(writes()).toEqual(['POST 201', 'PATCH 200', 'PATCH 412', 'PATCH 200']);
    expect(tenant.user('o1')).toMatchObject({ title: 'b' });
  });

  test('versions: one is demanded that nobody announced', async () => {
    const { connector, context } = setUp({ settings: { etag: 'required' }, profile: { 'discovery.trust': false } });
    const targetId = await created(connector, context);
    expect(await connector.update(updateOf(targetId, { set: { title: 'a' } }), context)).toMatchObject({
      kind: 'applied',
    });
  });

  test('versions: a resource that somebody changes all the time is left for later', async () => {
    const { connector, context, writes } = setUp({
      faults: [{ kind: 'status', status: 412, times: 50, on: { method: 'PATCH' } }],
    });
    const targetId = await created(connector, context);
    const outcome = await connector.update(updateOf(targetId, { set: { title: 'a' } }), context);
    expect(outcome).toMatchObject({ kind: 'retryable', code: 'scim.version-conflict' });
    expect(writes()).toHaveLength(5);
  });

  test('another media type is tried once and kept', async () => {
    const seen: string[] = [];
    const { baseUrl } = await serve((request, response) => {
      seen.push(request.headers['content-type'] ?? '');
      const ok = request.headers['content-type'] === 'application/json';
      response.writeHead(ok ? 201 : 415).end(ok ? JSON.stringify({ id: '1', userName: 'x' }) : '');
    });
    const connector = connect(baseUrl, { profile: { 'discovery.enabled': false } });
    const { context } = setUp();
    await created(connector, context);
    await created(connector, context);
    expect(seen).toEqual(['application/scim+json', 'application/json', 'application/json']);
  });
});

describe('removal', () => {
  const remove = (targetId: string) => ({ objectType: 'user', objectId: 'o1', targetId }) as const;

  test('an irreversible delete needs a word of its own', async () => {
    const { tenant, connector, context } = setUp({ vendorProfile: 'github-emu' });
    const targetId = await created(connector, context);
    expect(await connector.remove(remove(targetId), context)).toMatchObject({
      kind: 'rejected',
      code: 'scim.delete-irreversible',
    });
    expect(tenant.users.size).toBe(1);
    const willing = connect(tenant.baseUrl, {
      vendorProfile: 'github-emu',
      profile: { 'deprovision.allowIrreversible': true },
    });
    expect(await willing.remove(remove(targetId), context)).toMatchObject({ kind: 'applied' });
    expect(tenant.users.size).toBe(0);
  });

  test('where nothing can be deleted, it is switched off', async () => {
    const { tenant, connector, context } = setUp({ profile: { 'deprovision.deleteSemantics': 'unsupported' } });
    const targetId = await created(connector, context);
    expect(await connector.remove(remove(targetId), context)).toMatchObject({ kind: 'applied' });
    expect(tenant.user('o1')).toMatchObject({ active: false });
    expect(await connector.remove(remove('gone'), context)).toMatchObject({
      kind: 'applied',
      code: 'scim.already-gone',
    });
  });

  test('where nothing can be switched off, that is said, or it is deleted', async () => {
    const { tenant, connector, context } = setUp({ profile: { 'deprovision.disable': 'unsupported' } });
    const targetId = await created(connector, context);
    const off = updateOf(targetId, { active: false });
    expect(await connector.update(off, context)).toMatchObject({ kind: 'rejected', code: 'scim.disable-unsupported' });
    expect(
      await connect(tenant.baseUrl, { profile: { 'deprovision.disable': 'delete' } }).update(off, context),
    ).toMatchObject({ kind: 'applied' });
    expect(tenant.users.size).toBe(0);
  });
});
