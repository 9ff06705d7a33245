import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scimTarget, type TargetAttributes } from '@provisor/contracts';
import type { CallContext, Connector, MemberReference } from '@provisor/provisioning';
import { startScimTarget, type Fault, type ScimTarget, type TenantSettings } from '@provisor/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createScimConnector } from './scim-connector.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

let simulator: ScimTarget;
const closing: (() => Promise<void>)[] = [];
let number = 0;
beforeAll(async () => {
  simulator = await startScimTarget();
});
afterAll(() => simulator.stop());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function connect(
  baseUrl: string,
  more: {
    profile?: Record<string, unknown>;
    vendorProfile?: string;
    timeout?: string;
    secrets?: string[];
    allowInsecure?: boolean;
  } = {},
): Connector {
  const { secrets = [simulator.token], ...target } = more;
  const connector = createScimConnector({
    target: scimTarget.parse({
      type: 'scim',
      baseUrl,
      auth: { type: 'bearer', token: { env: 'TOKEN' } },
      allowInsecure: true,
      ...target,
    }),
    resolveSecret: async () => (secrets.length > 1 ? secrets.shift() : secrets[0]) ?? '',
  });
  closing.push(() => connector.close());
  return connector;
}

function setUp(more: Parameters<typeof connect>[1] & { settings?: Partial<TenantSettings>; faults?: Fault[] } = {}) {
  const { settings, faults = [], ...target } = more;
  const tenant = simulator.tenant(`f${(number += 1)}`);
  tenant.configure(settings ?? {});
  tenant.faults.add(...faults);
  const budget: string[] = [];
  const abort = new AbortController();
  const context: CallContext = {
    signal: abort.signal,
    acquire: async (kind) => void budget.push(kind),
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  };
  const connector = connect(tenant.baseUrl, target);
  const writes = () =>
    tenant.ledger.entries.filter(({ method }) => method !== 'GET').map(({ method, status }) => `${method} ${status}`);
  return { tenant, connector, context, budget, abort, writes };
}

function person(objectId = 'o1', more: TargetAttributes = {}) {
  return {
    objectType: 'user' as const,
    objectId,
    active: true,
    attributes: { userName: `${objectId}@x.example`, ...more },
  };
}
async function created(connector: Connector, context: CallContext, request = person()): Promise<string> {
  const outcome = await connector.create(request, context);
  if (outcome.kind !== 'applied' || outcome.targetId === undefined) throw new Error(`not created: ${outcome.code}`);
  return outcome.targetId;
}
const updateOf = (
  targetId: string,
  change: { set?: TargetAttributes; clear?: string[]; active?: boolean; targetVersion?: string },
) => ({
  objectType: 'user' as const,
  objectId: 'o1',
  targetId,
  set: {},
  clear: [],
  ...change,
  desired: { active: change.active ?? true, attributes: change.set ?? {} },
});
const onPost = { method: 'POST', path: '/Users' };

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
    const { connector, context, tenant } = setUp({ secrets: ['old-token', simulator.token] });
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
    closing.push(() => connector.close());
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

describe('members', () => {
  async function team(count: number, more: Parameters<typeof setUp>[0] = {}) {
    const all = setUp(more);
    const members: MemberReference[] = [];
    for (let at = 0; at < count; at += 1) {
      members.push({
        objectId: `m${at}`,
        targetId: await created(all.connector, all.context, person(`m${at}`)),
        type: 'user',
      });
    }
    const group = { objectType: 'group' as const, objectId: 'g', active: true, attributes: { displayName: 'team' } };
    const outcome = await all.connector.create(group, all.context);
    const groupTargetId = outcome.kind === 'applied' ? (outcome.targetId ?? '') : '';
    all.tenant.ledger.clear();
    return { ...all, members, groupTargetId };
  }
  const ghost = (at: number): MemberReference => ({ objectId: `ghost${at}`, targetId: `ghost-${at}`, type: 'user' });

  test('poisoned members are found by halving, and nobody else suffers', async () => {
    const { tenant, connector, context, members, groupTargetId } = await team(64);
    const add = [...members.slice(0, 10), ghost(1), ...members.slice(10, 50), ghost(2), ...members.slice(50)];
    const { outcome, refused } = await connector.changeMembers({ groupTargetId, add, remove: [] }, context);
    expect(outcome).toMatchObject({ kind: 'applied' });
    expect([...refused.keys()].sort()).toEqual(['ghost1', 'ghost2']);
    expect([...refused.values()].every(({ kind }) => kind === 'rejected')).toBe(true);
    expect(tenant.members.count(groupTargetId)).toBe(64);
    expect(tenant.ledger.entries.length).toBeLessThan(35);
  });

  test('many poisoned members cost a bounded number of requests; the rest is put off', async () => {
    const { tenant, connector, context, groupTargetId } = await team(0, {
      profile: { 'groups.maxMembersPerPatch': 1000 },
    });
    const add = Array.from({ length: 400 }, (_, at) => ghost(at));
    const { refused } = await connector.changeMembers({ groupTargetId, add, remove: [] }, context);
    expect(tenant.ledger.entries.length).toBeLessThanOrEqual(200);
    expect(refused.size).toBe(400);
    expect(new Set([...refused.values()].map(({ kind }) => kind))).toEqual(new Set(['rejected', 'retryable']));
  });

  test('a chunk that is too large is halved, and the next one fits at once', async () => {
    const { tenant, connector, context, members, groupTargetId } = await team(12, {
      settings: { maxMembersPerPatch: 4 },
    });
    expect(await connector.changeMembers({ groupTargetId, add: members, remove: [] }, context)).toMatchObject({
      outcome: { kind: 'applied' },
    });
    expect(tenant.members.count(groupTargetId)).toBe(12);
    tenant.ledger.clear();
    await connector.changeMembers({ groupTargetId, add: [], remove: members.slice(0, 6) }, context);
    expect(tenant.ledger.entries.map(({ status }) => status)).not.toContain(413);
    expect(await connector.describe(context)).toMatchObject({ description: { maxMembersPerCall: 3 } });
  });

  test('without PATCH, the group is written whole, and nobody is lost', async () => {
    const { tenant, connector, context, members, groupTargetId } = await team(6, { settings: { patch: false } });
    const [first, second, ...others] = members;
    if (first === undefined || second === undefined) throw new Error('no members');
    const change = (add: MemberReference[], remove: MemberReference[]) =>
      connector.changeMembers({ groupTargetId, add, remove }, context);
    expect(await change([first, second, ...others], [])).toMatchObject({ outcome: { kind: 'applied' } });
    expect(await change([first, ghost(1)], [second])).toMatchObject({ outcome: { kind: 'applied' } });
    expect(tenant.members.count(groupTargetId)).toBe(5);
    expect(tenant.group('team')).toMatchObject({ displayName: 'team', externalId: 'g' });
  });

  test('throttling in the middle ends the call, and the same call again finishes it', async () => {
    const { tenant, connector, context, members, groupTargetId } = await team(8, {
      profile: { 'groups.maxMembersPerPatch': 4 },
    });
    tenant.faults.add({ kind: 'throttle', seconds: 9, style: 'retry-after', after: 1, on: { method: 'PATCH' } });
    const call = () => connector.changeMembers({ groupTargetId, add: members, remove: [] }, context);
    expect(await call()).toMatchObject({ outcome: { kind: 'retryable', throttled: true, retryAfterMs: 9_000 } });
    expect(tenant.members.count(groupTargetId)).toBe(4);
    expect(await call()).toMatchObject({ outcome: { kind: 'applied' } });
    expect(tenant.members.count(groupTargetId)).toBe(8);
  });
});

describe('lists', () => {
  test.each([
    ['by cursor, as discovered', { settings: { cursorPaging: true, maxPage: 3 } }],
    ['by index with a smaller page than asked for', { settings: { maxPage: 3, discovery: false } }],
  ])('%s', async (_how, more) => {
    const { connector, context } = setUp(more);
    for (let at = 0; at < 8; at += 1) await created(connector, context, person(`o${at}`));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await connector.list({ objectType: 'user', ...(cursor === undefined ? {} : { cursor }) }, context);
      if (page.kind !== 'page') throw new Error(page.outcome.cause);
      expect(page.total).toBe(8);
      seen.push(...page.accounts.flatMap(({ externalId }) => externalId ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 8 }, (_, at) => `o${at}`));
  });

  test('a group that is larger than any answer comes without its members, by cursor', async () => {
    const groups = ['a', 'b', 'large', 'd'];
    const { baseUrl } = await serve((request, response) => {
      const query = new URL(request.url ?? '', 'http://target').searchParams;
      const [from, count] = [Number(query.get('cursor')), Number(query.get('count'))];
      const membersOf = (id: string) => [{ value: id === 'large' ? 'x'.repeat(17 * 2 ** 20) : `m-${id}` }];
      const all = query.get('excludedAttributes') === 'members' ? undefined : membersOf;
      const Resources = groups.slice(from, from + count).map((id) => ({ id, members: all?.(id) }));
      const next = from + count < groups.length ? { nextCursor: String(from + count) } : {};
      response.writeHead(200, { 'content-type': 'application/scim+json' });
      response.end(JSON.stringify({ totalResults: groups.length, Resources, ...next }));
    });
    const profile = { 'discovery.enabled': false, 'paging.mode': 'cursor', 'paging.maxPage': 2 };
    const connector = connect(baseUrl, { profile });
    const seen: unknown[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const request = { objectType: 'group', members: true, ...(cursor === undefined ? {} : { cursor }) } as const;
      const page = await connector.list(request, setUp().context);
      if (page.kind !== 'page') throw new Error(page.outcome.cause);
      seen.push(...page.accounts.map(({ targetId, members }) => [targetId, members]));
      cursor = page.cursor;
    }
    expect(seen).toEqual(groups.map((id) => [id, id === 'large' ? 'unread' : [`m-${id}`]]));
  });
});

describe('discovery', () => {
  test('a target without it is as its profile says', async () => {
    const { connector, context } = setUp({ settings: { discovery: false } });
    const answer = await connector.describe(context);
    expect(answer).toMatchObject({ kind: 'described', description: { groups: true, maxMembersPerCall: 100 } });
    await created(connector, context);
  });

  test('is asked once by many calls at the same time', async () => {
    const { tenant, connector, context } = setUp();
    await Promise.all(Array.from({ length: 10 }, (_, at) => created(connector, context, person(`o${at}`))));
    expect(tenant.ledger.entries.filter(({ method }) => method === 'GET')).toHaveLength(3);
  });

  test('a mistake in the profile halts the connection, in words', async () => {
    const { tenant, context } = setUp();
    const connector = connect(tenant.baseUrl, { profile: { 'update.verb': 'post' } });
    expect(await connector.create(person(), context)).toMatchObject({
      kind: 'halted',
      code: 'scim.profile',
      cause: expect.stringContaining('update.verb') as string,
    });
    const unknown = connect(tenant.baseUrl, { vendorProfile: 'nobody' });
    expect(await unknown.describe(context)).toMatchObject({ kind: 'failed', outcome: { code: 'scim.profile' } });
  });
});

describe('where requests go', () => {
  const target = (baseUrl: string, allowInsecure: boolean) =>
    connect(baseUrl, { allowInsecure, profile: { 'discovery.enabled': false } });

  test('plain http, and private addresses by number or by name, are refused without a connection', async () => {
    const { tenant, context } = setUp();
    expect(await target(tenant.baseUrl, false).create(person(), context)).toMatchObject({
      kind: 'halted',
      code: 'http.insecure',
    });
    for (const host of [
      `127.0.0.1:${simulator.port}`,
      `localhost:${simulator.port}`,
      `[::1]:${simulator.port}`,
      '169.254.169.254',
    ]) {
      const outcome = await target(`https://${host}/v2`, false).create(person(), context);
      expect(outcome, host).toMatchObject({ kind: 'halted', code: 'http.private-address' });
    }
    expect(tenant.ledger.entries).toHaveLength(0);
  });

  test('a redirect is followed for reads within the origin, and the token goes nowhere else', async () => {
    const strangers: IncomingMessage[] = [];
    const stranger = await serve((request, response) => {
      strangers.push(request);
      response.writeHead(200).end('{}');
    });
    const empty = JSON.stringify({ totalResults: 0, Resources: [] });
    const home = await serve((request, response) => {
      if (request.url?.startsWith('/moved')) return void response.writeHead(200).end(empty);
      const to = request.url?.includes('externalId') ? '/moved' : `${stranger.baseUrl}/stolen`;
      response.writeHead(302, { location: to }).end();
    });
    const { context } = setUp();
    const connector = target(home.baseUrl, true);
    expect(await connector.lookup(person(), context)).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'halted', code: 'http.redirect' },
    });
    expect(await connector.create(person(), context)).toMatchObject({ kind: 'halted', code: 'http.redirect' });
    expect(strangers).toHaveLength(0);
  });

  test('an answer without end is cut off', async () => {
    const { baseUrl } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const answer = await target(baseUrl, true).lookup(person(), setUp().context);
    expect(answer).toMatchObject({ kind: 'failed', outcome: { code: 'http.answer-too-large' } });
  });
});

async function serve(listener: RequestListener): Promise<{ baseUrl: string }> {
  const server = createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
