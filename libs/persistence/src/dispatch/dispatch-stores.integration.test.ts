import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningCommand } from '@provisor/contracts';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { Outbox, type OutgoingRecordLike } from '../outbox/outbox.js';
import { MEMBER, type SettledEdge } from './edge.js';
import { EdgeStore } from './edge-store.js';
import { IngestStore } from './ingest-store.js';
import { FencedError, ownedConnections, OwnershipStore } from './ownership-store.js';
import { dispatchSchema } from './schema.js';
import { SettleStore, type SettleItem } from './settle-store.js';
import { WorkStore } from './work-store.js';

const NOW = Date.now();
const record = (key: string): OutgoingRecordLike => ({ topic: 'results', key, value: '{}' });

describe('the stores of the dispatcher', () => {
  let server: TestDatabase;
  let database: Database;
  let ownership: OwnershipStore;
  let ingest: IngestStore;
  let settle: SettleStore;
  let edges: EdgeStore;
  let work: WorkStore;
  let connection = '';
  let partition = 0;
  let offset = 0;

  beforeAll(async () => {
    server = await createTestDatabase();
    database = await openDatabase({
      url: server.url,
      schema: dispatchSchema,
      log: silentLogger,
      applicationName: 'test',
    });
    const outbox = new Outbox();
    ownership = new OwnershipStore(database, 'scim');
    ingest = new IngestStore(database, outbox);
    settle = new SettleStore(database, outbox);
    edges = new EdgeStore(database, outbox);
    work = new WorkStore(database);
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });
  beforeEach(async () => {
    partition += 1;
    connection = `sp-${partition}`;
  });

  const own = async (owner = 'a'): Promise<number> => {
    const claimed = await ownership.claim(partition, owner, 60_000);
    if (claimed.kind !== 'claimed') throw new Error('Not claimed.');
    await ownership.register(partition, [{ spConnection: connection, limitScope: connection }]);
    return claimed.epoch;
  };
  const command = (objectId: string, more: Partial<ProvisioningCommand> = {}): ProvisioningCommand => ({
    spConnection: connection,
    channel: 'staff',
    objectId,
    dataStore: 'corp',
    objectType: 'user',
    version: { sequence: 1, config: 1 },
    desired: { presence: 'active', attributes: { userName: objectId } },
    reason: 'test',
    lane: 'delta',
    occurredAt: new Date(NOW).toISOString(),
    mappedAt: new Date(NOW).toISOString(),
    ...more,
  });
  const take = (epoch: number, ...commands: ProvisioningCommand[]) =>
    ingest.ingest({
      ownership: { partition, epoch },
      commands: commands.map((one) => ({ command: one, offset: (offset += 1) })),
      now: NOW,
      supersededRecord: (one) => record(one.object.objectId),
    });
  const settled = (epoch: number, objectId: string, more: Partial<SettleItem> = {}): SettleItem => {
    const item: SettleItem = {
      fence: { spConnection: connection, partition, epoch },
      objectId,
      objectType: 'user',
      version: { sequence: 1, config: 1 },
      state: 'done',
      createIntended: false,
      applied: { presence: 'active', attributes: {} },
      targetId: `t-${objectId}`,
      targetVersion: null,
      removedVersion: null,
      attempt: 1,
      failures: 0,
      firstAttemptAt: null,
      nextAttemptAt: NOW,
      lastOutcome: { kind: 'applied', code: 'applied', at: NOW },
      newLink: true,
      references: [],
      gone: false,
      records: () => [record(objectId)],
      onCollision: (other) => ({
        ...item,
        state: 'failed',
        targetId: null,
        newLink: false,
        lastOutcome: { kind: 'rejected', code: 'match.linked-elsewhere', cause: other, at: NOW },
      }),
      ...more,
    };
    return item;
  };
  const send = (epoch: number, ...sent: SettledEdge[]) =>
    edges.settle([{ fence: { spConnection: connection, partition, epoch }, edges: sent, records: [] }], NOW);
  const rowOf = async (objectId: string) => (await work.load([{ spConnection: connection, objectId }]))[0];

  it('keep documents out of the statistics, which would make ANALYZE of a busy table costly', async () => {
    const analysed = await database.query(
      `select attname from pg_attribute where attrelid = 'target_objects'::regclass and atttypid = 'jsonb'::regtype
       and attstattarget is distinct from 0`,
    );
    expect(analysed).toEqual([]);
  });

  it('makes a new owner wait for the lease of the old one, unless it is released', async () => {
    const epoch = await own('a');
    expect((await ownership.claim(partition, 'b', 1_000)).kind).toBe('leased');
    await ownership.release({ partition, epoch });
    expect(await ownership.claim(partition, 'b', 1_000)).toEqual({ kind: 'claimed', epoch: epoch + 1 });
    expect(await ownership.renew([{ partition, epoch }], 1_000)).toEqual(new Set());
  });

  it('lets leases be renewed and an SP connection be known while its owner writes, and nobody take it over', async () => {
    const epoch = await own('a');
    await take(epoch, command('ada'));
    let claimed = false;
    let claim: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await ownedConnections(tx, [{ spConnection: connection, partition, epoch }]);
      expect(await ownership.renew([{ partition, epoch }], 1_000)).toEqual(new Set([partition]));
      await ownership.register(partition, [{ spConnection: connection, limitScope: connection }]);
      claim = ownership.claim(partition, 'a', 1_000).then(() => (claimed = true));
      await database.query('select 1');
      expect(claimed).toBe(false);
    });
    await claim;
  });

  it('lets a zombie write neither states nor results nor desired states nor edges', async () => {
    const old = await own('a');
    await take(old, command('ada'));
    await ownership.release({ partition, epoch: old });
    await own('b');
    const outbox = async () => (await database.query('select 1 from outbox')).length;
    const before = await outbox();
    expect(await settle.settle([settled(old, 'ada')], NOW)).toEqual([{ kind: 'fenced' }]);
    const fence = { spConnection: connection, partition, epoch: old };
    expect(
      await settle.recordIntents([{ fence, objectId: 'ada', objectType: 'user', intent: { kind: 'create' } }]),
    ).toEqual([{ kind: 'fenced' }]);
    await expect(take(old, command('ada', { version: { sequence: 2, config: 1 } }))).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(await edges.settle([{ fence, edges: [], records: [record('edge')] }], NOW)).toEqual(['fenced']);
    expect(await outbox()).toBe(before);
    expect(await rowOf('ada')).toMatchObject({ state: 'pending', targetId: null, createIntended: false });
  });

  it('keeps a row pending for a newer version that came during the attempt', async () => {
    const epoch = await own();
    await take(epoch, command('ada'));
    await take(epoch, command('ada', { version: { sequence: 2, config: 1 } }));
    const [verdict] = await settle.settle([settled(epoch, 'ada')], NOW);
    expect(verdict).toMatchObject({ kind: 'written', current: false });
    expect(await rowOf('ada')).toMatchObject({ state: 'pending', attempt: 0, targetId: 't-ada' });
  });

  it('never links two objects to one account, within a batch and beyond', async () => {
    const epoch = await own();
    await take(epoch, command('a'), command('b'), command('c'));
    const same = (objectId: string) => settled(epoch, objectId, { targetId: 'shared' });
    await settle.settle([settled(epoch, 'a', { targetId: 'shared' }), same('b')], NOW);
    await settle.settle([same('c')], NOW);
    expect(await rowOf('a')).toMatchObject({ state: 'done', targetId: 'shared' });
    for (const objectId of ['b', 'c']) expect(await rowOf(objectId)).toMatchObject({ state: 'failed', targetId: null });
  });

  it('finds edges when both ends are linked, and forgets those of an account that is gone', async () => {
    const epoch = await own();
    const group = command('g', {
      objectType: 'group',
      desired: { presence: 'active', attributes: { displayName: 'g' } },
    });
    const member = command('m', { desired: { presence: 'active', attributes: {}, memberOf: ['g'] } });
    await take(epoch, group, member);
    const key = { spConnection: connection, objectId: 'm' };
    await settle.settle([settled(epoch, 'm')], NOW);
    expect(await edges.runnableOf([key], NOW)).toEqual([]);
    await settle.settle([settled(epoch, 'g', { objectType: 'group' })], NOW);
    expect(await edges.runnableOf([key], NOW)).toMatchObject([{ objectId: 'g', members: true, edges: 1 }]);

    const sent = { memberId: 'm', kind: MEMBER, otherId: 'g', desired: true };
    await send(epoch, sent);
    expect(await edges.runnableOf([key], NOW)).toEqual([]);
    await settle.settle([settled(epoch, 'm', { gone: true, newLink: false })], NOW);
    expect(await edges.runnableOf([key], NOW)).toHaveLength(1);
  });

  it('clears a reference that is not wanted any more also where the account that it names went before', async () => {
    const epoch = await own();
    const report = (sequence: number, references: Record<string, string>) =>
      command('m', { version: { sequence, config: 1 }, desired: { presence: 'active', attributes: {}, references } });
    const waiting = () => edges.referencesOf([{ spConnection: connection, objectId: 'm' }], NOW);
    await take(epoch, command('boss'), report(1, { manager: 'boss' }));
    await settle.settle([settled(epoch, 'boss'), settled(epoch, 'm')], NOW);
    await send(epoch, { memberId: 'm', kind: 'manager', otherId: 'boss', desired: true });
    await settle.settle([settled(epoch, 'boss', { gone: true, newLink: false, targetId: null })], NOW);
    expect(await waiting()).toEqual([[]]);
    await take(epoch, report(2, {}));
    expect(await waiting()).toMatchObject([[{ kind: 'manager', otherId: 'boss', desired: false }]]);
    await send(epoch, { memberId: 'm', kind: 'manager', otherId: 'boss', desired: false });
    expect(await waiting()).toEqual([[]]);
  });

  it('forgets an account that is gone, with its edges, before another one is created', async () => {
    const epoch = await own();
    await take(
      epoch,
      command('boss'),
      command('m', { desired: { presence: 'active', attributes: {}, references: { manager: 'boss' } } }),
    );
    await settle.settle([settled(epoch, 'boss'), settled(epoch, 'm')], NOW);
    await send(epoch, { memberId: 'm', kind: 'manager', otherId: 'boss', desired: true });
    const fence = { spConnection: connection, partition, epoch };
    const [verdict] = await settle.recordIntents([
      { fence, objectId: 'm', objectType: 'user', intent: { kind: 'create', goneAt: NOW } },
    ]);
    expect(verdict).toMatchObject({ references: [{ kind: 'manager', otherId: 'boss' }] });
    expect(await rowOf('m')).toMatchObject({ createIntended: true, targetId: null });
  });

  it('sends the removal of an edge whose addition was on its way when it was dropped', async () => {
    const epoch = await own();
    const group = command('g', { objectType: 'group', desired: { presence: 'active', attributes: {} } });
    const member = (sequence: number, memberOf: string[]) =>
      command('m', { version: { sequence, config: 1 }, desired: { presence: 'active', attributes: {}, memberOf } });
    await take(epoch, group, member(1, ['g']));
    await settle.settle([settled(epoch, 'm'), settled(epoch, 'g', { objectType: 'group' })], NOW);
    await take(epoch, member(2, []));
    const sent = { memberId: 'm', kind: MEMBER, otherId: 'g', desired: true };
    await send(epoch, sent);
    expect(await edges.membershipsOf({ spConnection: connection, objectId: 'g' }, 10, NOW)).toMatchObject([
      { memberId: 'm', desired: false },
    ]);
  });

  it('hands a create the references whose other ends have accounts, and takes note of those that went along', async () => {
    const epoch = await own();
    const manager = (of: string, references: Record<string, string>) =>
      command(of, { desired: { presence: 'active', attributes: {}, references } });
    await take(epoch, command('boss'), manager('m', { manager: 'boss', assistant: 'nobody' }));
    await settle.settle([settled(epoch, 'boss')], NOW);
    const fence = { spConnection: connection, partition, epoch };
    const [verdict] = await settle.recordIntents([
      { fence, objectId: 'm', objectType: 'user', intent: { kind: 'create' } },
    ]);
    const references = [{ kind: 'manager', otherId: 'boss', targetId: 't-boss' }];
    expect(verdict).toEqual({ kind: 'recorded', references });
    await settle.settle([settled(epoch, 'm', { references })], NOW);
    expect(await edges.referencesOf([{ spConnection: connection, objectId: 'm' }], NOW)).toEqual([[]]);
    await take(
      epoch,
      command('m', {
        version: { sequence: 2, config: 1 },
        desired: { presence: 'active', attributes: {}, references: {} },
      }),
    );
    expect(await edges.referencesOf([{ spConnection: connection, objectId: 'm' }], NOW)).toMatchObject([
      [{ kind: 'manager', otherId: 'boss', desired: false }],
    ]);
  });
});
