import { readFileSync } from 'node:fs';
import { scimTarget, type ObjectType, type TargetAttributes } from '@provisor/contracts';
import type { CallContext, Connector, FoundAccountWithKeys, MemberReference } from '@provisor/provisioning';
import { createTestDatabase, startBetterAuth, startScimmy, startScimTarget } from '@provisor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScimConnector } from './scim-connector.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Where independent service providers differ from each other; everything else has to hold at all of them. */
interface Expectation {
  readonly vendorProfile: string;
  /** What becomes of a member that does not exist. */
  readonly unknownMember: 'refused' | 'stored';
  /** A search for a value with a quote in it. */
  readonly escapedQuote: 'found' | 'none';
}

interface RunningTarget {
  readonly baseUrl: string;
  readonly token: string;
  stop(): Promise<void>;
}

const STARTERS: Readonly<Record<string, () => Promise<RunningTarget>>> = {
  simulator: async () => {
    const target = await startScimTarget();
    return { baseUrl: target.baseUrl('contract'), token: target.token, stop: () => target.stop() };
  },
  'better-auth': async () => {
    const database = await createTestDatabase();
    const provider = await startBetterAuth({ databaseUrl: database.url, poolSize: 4 });
    const stop = async () => {
      await provider.stop();
      await database.drop();
    };
    return { baseUrl: provider.baseUrl, token: provider.tokens.main ?? '', stop };
  },
  scimmy: async () => {
    const provider = await startScimmy();
    return { baseUrl: provider.baseUrl, token: provider.tokens.main ?? '', stop: () => provider.stop() };
  },
};

describe.each(Object.keys(STARTERS))('against %s', (name) => {
  const expected = JSON.parse(
    readFileSync(new URL(`./expectations/${name}.json`, import.meta.url), 'utf8'),
  ) as Expectation;
  const requests: ('read' | 'write')[] = [];
  const context: CallContext = {
    signal: new AbortController().signal,
    acquire: async (kind) => void requests.push(kind),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  let target: RunningTarget;
  let connector: Connector;

  beforeAll(async () => {
    target = await (STARTERS[name]?.() ?? Promise.reject(new Error(name)));
    connector = createScimConnector({
      target: scimTarget.parse({
        type: 'scim',
        baseUrl: target.baseUrl,
        auth: { type: 'bearer', token: { env: 'TOKEN' } },
        vendorProfile: expected.vendorProfile,
        allowInsecure: true,
      }),
      resolveSecret: async () => target.token,
      userAgent: 'Provisor test',
    });
  });
  afterAll(async () => {
    await connector?.close();
    await target?.stop();
  });

  let number = 0;
  function person(more: TargetAttributes = {}) {
    const objectId = `object-${(number += 1)}-${Math.random().toString(36).slice(2)}`;
    const attributes: TargetAttributes = {
      userName: `${objectId}@x.example`,
      displayName: 'Ann Example',
      'name.givenName': 'Ann',
      'name.familyName': 'Example',
      'emails[type eq "work"].value': `${objectId}@x.example`,
      [`${ENTERPRISE}:department`]: 'R&D',
      ...more,
    };
    return { objectType: 'user' as const, objectId, active: true, attributes };
  }
  const nameOf = ({ objectId }: { objectId: string }) => `${objectId}@x.example`;
  async function created(request: Parameters<Connector['create']>[0]) {
    const outcome = await connector.create(request, context);
    expect(outcome).toMatchObject({ kind: 'applied', httpStatus: 201 });
    if (outcome.kind !== 'applied' || outcome.targetId === undefined) throw new Error('not created');
    return outcome.targetId;
  }
  function update(
    request: ReturnType<typeof person>,
    targetId: string,
    change: { set?: TargetAttributes; clear?: string[]; active?: boolean; references?: Record<string, string | null> },
  ) {
    const { active = true, attributes, ...object } = request;
    return connector.update(
      { ...object, targetId, set: {}, clear: [], ...change, desired: { active, attributes } },
      context,
    );
  }
  async function seen(request: ReturnType<typeof person>, paths: readonly string[] = []) {
    const attributes = { ...request.attributes, ...Object.fromEntries(paths.map((path) => [path, ''])) };
    const answer = await connector.lookup({ ...request, attributes }, context);
    return answer.kind === 'found' ? answer.account : undefined;
  }
  async function group(displayName: string) {
    const objectId = `group-${displayName}`;
    return created({ objectType: 'group', objectId, active: true, attributes: { displayName } });
  }
  async function all(objectType: ObjectType): Promise<FoundAccountWithKeys[]> {
    const accounts: FoundAccountWithKeys[] = [];
    let cursor: string | undefined;
    do {
      const page = await connector.list({ objectType, ...(cursor === undefined ? {} : { cursor }) }, context);
      if (page.kind !== 'page') throw new Error(page.outcome.cause);
      accounts.push(...page.accounts);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return accounts;
  }
  async function membersOf(groupId: string): Promise<string[]> {
    const response = await fetch(`${target.baseUrl}/Groups/${groupId}`, {
      headers: { authorization: `Bearer ${target.token}` },
    });
    const { members = [] } = (await response.json()) as { members?: { value: string }[] };
    return members.map(({ value }) => value).sort();
  }

  test('it describes itself', async () => {
    const answer = await connector.describe(context);
    expect(answer).toMatchObject({ kind: 'described', description: { groups: true, list: true } });
  });

  test('an account is created, found by its id and by its name, and read back', async () => {
    const request = person();
    expect(await connector.lookup(request, context)).toEqual({ kind: 'none' });
    const targetId = await created(request);
    expect(await seen(request)).toMatchObject({
      targetId,
      active: true,
      externalId: request.objectId,
      attributes: request.attributes,
    });
    const stranger = { ...request, objectId: 'another-object' };
    expect(await seen(stranger)).toMatchObject({ targetId, externalId: request.objectId });
  });

  test('a name is found however it is spelt', async () => {
    const request = person();
    const targetId = await created(request);
    const shouted = {
      ...request,
      objectId: 'other',
      attributes: { userName: nameOf(request).toUpperCase() },
    };
    expect(await seen(shouted)).toMatchObject({ targetId });
  });

  test('a second account of the same name is refused as a duplicate', async () => {
    const request = person();
    await created(request);
    const second = { ...request, objectId: 'another-object' };
    expect(await connector.create(second, context)).toMatchObject({
      kind: 'rejected',
      code: 'scim.uniqueness',
      httpStatus: 409,
    });
  });

  test('values are changed, added and taken away, and nothing else is', async () => {
    const request = person({ title: 'Dr' });
    const targetId = await created(request);
    const set = {
      displayName: 'Ann "the" Example',
      'name.givenName': 'Anna',
      'emails[type eq "work"].value': `new-${nameOf(request)}`,
      [`${ENTERPRISE}:employeeNumber`]: '4711',
      [`${ENTERPRISE}:department`]: 'Sales',
    };
    expect(await update(request, targetId, { set, clear: ['title'] })).toMatchObject({ kind: 'applied' });
    const account = await seen(request, [...Object.keys(set), 'title']);
    expect(account?.attributes).toMatchObject({
      ...set,
      'name.familyName': 'Example',
      userName: request.attributes.userName,
    });
    expect(account?.attributes).not.toHaveProperty('title');
  });

  test('a value in a list appears where there was none, and goes again', async () => {
    const request = person();
    const targetId = await created(request);
    const path = 'phoneNumbers[type eq "work"].value';
    const answered = await update(request, targetId, { set: { [path]: '+44 20 7946 0000' } });
    expect(answered).toMatchObject({ kind: 'applied' });
    expect((await seen(request, [path]))?.attributes[path]).toBe('+44 20 7946 0000');
    expect(await update(request, targetId, { clear: [path] })).toMatchObject({ kind: 'applied' });
    expect((await seen(request, [path]))?.attributes).not.toHaveProperty([path]);
  });

  test('the same change again changes nothing', async () => {
    const request = person();
    const targetId = await created(request);
    for (const displayName of ['Bob', 'Bob']) {
      expect((await update(request, targetId, { set: { displayName } })).kind).toMatch(/applied|unchanged/);
    }
    expect((await seen(request))?.attributes.displayName).toBe('Bob');
  });

  test('an empty change needs no request', async () => {
    const before = requests.length;
    expect(await update(person(), 'whatever', {})).toMatchObject({ kind: 'unchanged' });
    expect(requests.length).toBe(before);
  });

  test('an account is disabled and enabled', async () => {
    const request = person();
    const targetId = await created(request);
    for (const active of [false, true]) {
      expect(await update(request, targetId, { active })).toMatchObject({ kind: 'applied' });
      expect((await seen(request))?.active).toBe(active);
    }
  });

  test('an account is created disabled', async () => {
    const request = { ...person(), active: false };
    await created(request);
    expect((await seen(request))?.active).toBe(false);
  });

  test('a manager is set, changed and taken away', async () => {
    const [ann, bob, request] = [await created(person()), await created(person()), person()];
    const path = `${ENTERPRISE}:manager`;
    const targetId = await created(request);
    for (const manager of [ann, bob]) {
      expect(await update(request, targetId, { references: { [path]: manager } })).toMatchObject({ kind: 'applied' });
      expect((await seen(request, [`${path}.value`]))?.attributes[`${path}.value`]).toBe(manager);
    }
    expect(await update(request, targetId, { references: { [path]: null } })).toMatchObject({ kind: 'applied' });
    expect((await seen(request, [`${path}.value`]))?.attributes).not.toHaveProperty([`${path}.value`]);
  });

  test('a deleted account stays deleted, and a change to it finds it gone', async () => {
    const request = person();
    const targetId = await created(request);
    const removal = { objectType: 'user', objectId: request.objectId, targetId } as const;
    expect(await connector.remove(removal, context)).toMatchObject({ kind: 'applied' });
    expect(await connector.remove(removal, context)).toMatchObject({ kind: 'applied', code: 'scim.already-gone' });
    expect(await connector.lookup(request, context)).toEqual({ kind: 'none' });
    expect(await update(request, targetId, { set: { displayName: 'x' } })).toMatchObject({ kind: 'vanished' });
  });

  test('quotes and wildcards in a name find that name alone', async () => {
    const request = person({ displayName: 'x" or userName pr or displayName eq "' });
    await created(person());
    const name = `o"neil*-${request.objectId}`;
    const quoted = { ...request, attributes: { ...request.attributes, userName: name } };
    const answer = await connector.lookup({ ...quoted, attributes: { userName: name } }, context);
    expect(answer.kind).toBe('none');
    const made = await connector.create(quoted, context);
    if (made.kind !== 'applied') return expect(made).toMatchObject({ kind: 'rejected' });
    const found = await connector.lookup({ ...quoted, objectId: 'other' }, context);
    expect(found).toMatchObject(
      expected.escapedQuote === 'found'
        ? { kind: 'found', account: { targetId: made.targetId } }
        : { kind: expected.escapedQuote },
    );
  });

  test('a group is created, found, renamed and deleted', async () => {
    const name = `staff-${Math.random()}`;
    const targetId = await group(name);
    const lookup = { objectType: 'group', objectId: 'unknown', attributes: { displayName: name } } as const;
    expect(await connector.lookup(lookup, context)).toMatchObject({ kind: 'found', account: { targetId } });
    const renamed = { displayName: `${name}-2` };
    const outcome = await connector.update(
      {
        objectType: 'group',
        objectId: `group-${name}`,
        targetId,
        set: renamed,
        clear: [],
        desired: { active: true, attributes: renamed },
      },
      context,
    );
    expect(outcome).toMatchObject({ kind: 'applied' });
    expect(await connector.lookup({ ...lookup, attributes: renamed }, context)).toMatchObject({
      kind: 'found',
      account: { targetId },
    });
    const removal = { objectType: 'group', objectId: `group-${name}`, targetId } as const;
    expect(await connector.remove(removal, context)).toMatchObject({ kind: 'applied' });
    expect(await connector.lookup({ ...lookup, attributes: renamed }, context)).toEqual({ kind: 'none' });
  });

  test('members come and go in one request, and one that does not exist spoils nobody', async () => {
    const groupTargetId = await group(`team-${Math.random()}`);
    const members: MemberReference[] = [];
    for (let at = 0; at < 12; at += 1) {
      const request = person();
      members.push({ objectId: request.objectId, targetId: await created(request), type: 'user' });
    }
    const ids = members.map(({ targetId }) => targetId).sort();
    expect(await connector.changeMembers({ groupTargetId, add: members, remove: [] }, context)).toMatchObject({
      outcome: { kind: 'applied' },
    });
    expect(await membersOf(groupTargetId)).toEqual(ids);

    const gone = members.slice(0, 3);
    expect(await connector.changeMembers({ groupTargetId, add: [], remove: gone }, context)).toMatchObject({
      outcome: { kind: 'applied' },
    });
    expect(await connector.changeMembers({ groupTargetId, add: [], remove: gone.slice(0, 1) }, context)).toMatchObject({
      outcome: { kind: 'applied' },
    });
    const left = ids.filter((id) => !gone.some(({ targetId }) => targetId === id));
    expect(await membersOf(groupTargetId)).toEqual(left);

    const ghost: MemberReference = { objectId: 'ghost', targetId: 'no-such-account', type: 'user' };
    const mixed = await connector.changeMembers(
      { groupTargetId, add: [...gone.slice(0, 2), ghost, ...gone.slice(2)], remove: [] },
      context,
    );
    expect(mixed.outcome.kind).toBe('applied');
    const refused = expected.unknownMember === 'refused' ? ['ghost'] : [];
    expect([...mixed.refused].map(([id, { kind }]) => [id, kind])).toEqual(refused.map((id) => [id, 'rejected']));
    expect((await membersOf(groupTargetId)).filter((id) => id !== ghost.targetId)).toEqual(ids);
  });

  test('members of a group that is gone find it gone', async () => {
    const groupTargetId = await group(`short-${Math.random()}`);
    await connector.remove({ objectType: 'group', objectId: 'x', targetId: groupTargetId }, context);
    const request = person();
    const member: MemberReference = { objectId: request.objectId, targetId: await created(request), type: 'user' };
    expect(await connector.changeMembers({ groupTargetId, add: [member], remove: [] }, context)).toMatchObject({
      outcome: { kind: 'vanished' },
    });
  });

  test('everybody is listed once, page by page, under the keys of their objects', async () => {
    const made = [];
    for (let at = 0; at < 7; at += 1) {
      const request = person();
      made.push({ request, targetId: await created(request) });
    }
    const small = createScimConnector({
      target: scimTarget.parse({
        type: 'scim',
        baseUrl: target.baseUrl,
        auth: { type: 'bearer', token: { env: 'TOKEN' } },
        vendorProfile: expected.vendorProfile,
        profile: { 'paging.maxPage': 5 },
        allowInsecure: true,
      }),
      resolveSecret: async () => target.token,
    });
    const whole = connector;
    connector = small;
    const accounts = await all('user').finally(() => {
      connector = whole;
    });
    await small.close();
    expect(new Set(accounts.map(({ targetId }) => targetId)).size).toBe(accounts.length);
    const byKey = new Map(accounts.flatMap((account) => account.matchKeys.map((key) => [key, account.targetId])));
    for (const { request, targetId } of made) {
      const keys = connector.matchKeysOf(request);
      expect(keys.length).toBeGreaterThanOrEqual(2);
      expect(keys.map((key) => byKey.get(key))).toEqual(keys.map(() => targetId));
    }
    expect((await all('user')).length).toBe(accounts.length);
  });

  test('a wrong token halts, with a remedy and without the token', async () => {
    const intruder = createScimConnector({
      target: scimTarget.parse({
        type: 'scim',
        baseUrl: target.baseUrl,
        auth: { type: 'bearer', token: { env: 'TOKEN' } },
        vendorProfile: expected.vendorProfile,
        allowInsecure: true,
      }),
      resolveSecret: async () => 'wrong-token-value',
    });
    const outcome = await intruder.create(person(), context);
    await intruder.close();
    expect(outcome).toMatchObject({ kind: 'halted', code: 'auth.refused', httpStatus: 401 });
    expect(JSON.stringify(outcome)).not.toContain('wrong-token-value');
  });
});
