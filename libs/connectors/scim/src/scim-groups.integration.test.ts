import type { MemberReference } from '@provisor/provisioning';
import { describe, expect, test } from 'vitest';
import { connect, created, person, serve, setUp } from './scim-target.fixture.js';

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
