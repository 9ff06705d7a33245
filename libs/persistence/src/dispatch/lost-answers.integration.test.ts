import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredState, ProvisioningCommand } from '@provisor/contracts';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, type TestDatabase } from '@provisor/testing';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { Outbox } from '../outbox/outbox.js';
import { correctReferences, knownReferences } from './compared-references.js';
import { MEMBER, type SettledEdge } from './edge.js';
import { EdgeStore } from './edge-store.js';
import { IngestStore } from './ingest-store.js';
import { OwnershipStore } from './ownership-store.js';
import { dispatchSchema } from './schema.js';
import { SettleStore } from './settle-store.js';
import { WorkStore } from './work-store.js';

const NOW = Date.now();

describe('what was on its way when its answer was lost', () => {
  let server: TestDatabase;
  let database: Database;
  let ingest: IngestStore;
  let settle: SettleStore;
  let edges: EdgeStore;
  let work: WorkStore;
  const fence = { spConnection: 'sp', partition: 0, epoch: 1 };
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
    const ownership = new OwnershipStore(database, 'scim');
    [ingest, settle] = [new IngestStore(database, outbox), new SettleStore(database, outbox)];
    [edges, work] = [new EdgeStore(database, outbox), new WorkStore(database)];
    await ownership.claim(0, 'a', 60_000);
    await ownership.register(0, [{ spConnection: 'sp', limitScope: 'sp' }]);
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const take = async (objectId: string, sequence: number, desired: DesiredState): Promise<void> => {
    const command: ProvisioningCommand = {
      spConnection: 'sp',
      channel: 'staff',
      objectId,
      dataStore: 'corp',
      objectType: objectId.startsWith('g') ? 'group' : 'user',
      version: { sequence, config: 1 },
      desired,
      reason: 'test',
      lane: 'delta',
      occurredAt: new Date(NOW).toISOString(),
      mappedAt: new Date(NOW).toISOString(),
    };
    await ingest.ingest({
      ownership: fence,
      commands: [{ command, offset: (offset += 1) }],
      now: NOW,
      supersededRecord: () => ({ topic: 'results', key: objectId, value: '{}' }),
    });
  };
  /** The target has the object, as `attributes` say. */
  const link = (objectId: string, attributes = {}, targetId = `t-${objectId}`) =>
    settle.recordIntents([
      {
        fence,
        objectId,
        objectType: objectId.startsWith('g') ? 'group' : 'user',
        intent: { kind: 'link', targetId, targetVersion: null, applied: { presence: 'active', attributes } },
      },
    ]);
  const member = async (name: string, sequence: number, memberOf: string[]): Promise<void> =>
    take(name, sequence, { presence: 'active', attributes: {}, memberOf });
  const group = async (name: string): Promise<void> => {
    await take(name, 1, { presence: 'active', attributes: {} });
    await link(name);
  };
  /** Both have accounts, and the membership waits to be added. */
  const joined = async (memberId: string, groupId: string): Promise<void> => {
    await group(groupId);
    await member(memberId, 1, [groupId]);
    await link(memberId);
  };
  const handedOut = (name: string) => edges.membershipsOf({ spConnection: 'sp', objectId: name }, 10, NOW);
  const answer = (...sent: SettledEdge[]) => edges.settle([{ fence, edges: sent, records: [] }], NOW);
  const edge = (memberId: string, otherId: string, desired: boolean) => ({ memberId, kind: MEMBER, otherId, desired });

  it('is removed where a membership that may have been added is not wanted any more', async () => {
    await joined('m1', 'g1');
    expect(await handedOut('g1')).toMatchObject([{ memberId: 'm1', desired: true }]);
    await member('m1', 2, []);
    expect(await handedOut('g1')).toMatchObject([{ memberId: 'm1', desired: false }]);
  });

  it('is added again where a membership that may have been removed is wanted after all', async () => {
    await joined('m2', 'g2');
    await handedOut('g2');
    await answer(edge('m2', 'g2', true));
    await member('m2', 2, []);
    await handedOut('g2');
    await member('m2', 3, ['g2']);
    expect(await handedOut('g2')).toMatchObject([{ memberId: 'm2', desired: true }]);
  });

  it('costs nothing where a membership was refused, or never sent, before it was dropped', async () => {
    await joined('m3', 'g3');
    await handedOut('g3');
    const failure = { attempt: 1, firstAttemptAt: NOW, nextAttemptAt: NOW, code: 'scim.invalid' };
    await answer({ ...edge('m3', 'g3', true), failure });
    await member('m3', 2, []);
    expect(await handedOut('g3')).toEqual([]);
    await member('m3', 3, ['g3']);
    await member('m3', 4, []);
    expect(await handedOut('g3')).toEqual([]);
  });

  it('costs nothing where a call that surely did not arrive was overtaken by the opposite', async () => {
    await joined('m10', 'g10');
    const failure = { attempt: 1, firstAttemptAt: NOW, nextAttemptAt: NOW, code: 'http.throttled' };
    await handedOut('g10');
    await member('m10', 2, []);
    await answer({ ...edge('m10', 'g10', true), failure });
    expect(await handedOut('g10')).toEqual([]);

    await member('m10', 3, ['g10']);
    await handedOut('g10');
    await answer(edge('m10', 'g10', true));
    await member('m10', 4, []);
    await handedOut('g10');
    await member('m10', 5, ['g10']);
    await answer({ ...edge('m10', 'g10', false), failure });
    expect(await handedOut('g10')).toEqual([]);
    await member('m10', 6, []);
    expect(await handedOut('g10')).toMatchObject([{ memberId: 'm10', desired: false }]);
  });

  it('is not taken for gone because a later call surely did not arrive', async () => {
    await joined('m11', 'g11');
    const failure = { attempt: 1, firstAttemptAt: NOW, nextAttemptAt: NOW, code: 'http.throttled', unsure: true };
    await handedOut('g11');
    await member('m11', 2, []);
    await answer({ ...edge('m11', 'g11', true), failure });
    expect(await handedOut('g11')).toMatchObject([{ memberId: 'm11', desired: false }]);
  });

  it('does not count for an account that has been replaced meanwhile', async () => {
    await joined('m4', 'g4');
    await handedOut('g4');
    await link('m4', {}, 't-new');
    await answer({ ...edge('m4', 'g4', true), ends: { member: 't-m4', other: 't-g4' } });
    expect(await handedOut('g4')).toMatchObject([{ memberId: 'm4', memberTargetId: 't-new' }]);
  });

  it('is unknown to a new owner, and what an older version may have written as well', async () => {
    await take('u5', 1, { presence: 'active', attributes: { title: 'a' } });
    await link('u5', { title: 'a' });
    await take('u5', 2, { presence: 'active', attributes: { title: 'b', nickName: 'n' } });
    await take('u5', 3, { presence: 'active', attributes: { title: 'a' } });
    await work.doubt('sp');
    const [row] = await work.load([{ spConnection: 'sp', objectId: 'u5' }]);
    expect(row?.applied?.presence).toBe('absent');
    expect(Object.keys(row?.applied?.attributes ?? {}).sort()).toEqual(['nickName', 'title']);
    expect(row?.applied?.attributes['title']).not.toBe('a');
  });

  it('is remembered of a create, so that it can be cleared when the account is found', async () => {
    await take('u7', 1, { presence: 'active', attributes: { nickName: 'n' } });
    const applied = { presence: 'absent', attributes: { nickName: { 'provisor:unknown': true } } } as const;
    await settle.recordIntents([{ fence, objectId: 'u7', objectType: 'user', intent: { kind: 'create', applied } }]);
    await take('u7', 2, { presence: 'active', attributes: {} });
    const [row] = await work.load([{ spConnection: 'sp', objectId: 'u7' }]);
    expect(row).toMatchObject({ createIntended: true, applied });
  });

  it('is remembered of a membership whatever comes of the calls after it, so that it can be ended', async () => {
    await joined('m8', 'g8');
    expect(await handedOut('g8')).toMatchObject([{ unsure: false }]);
    const failure = { attempt: 1, firstAttemptAt: NOW, nextAttemptAt: NOW, code: 'http.timeout', unsure: true };
    await answer({ ...edge('m8', 'g8', true), failure });
    expect(await handedOut('g8')).toMatchObject([{ unsure: true }]);
  });

  it('is nothing to be sent where the account that is found has the reference', async () => {
    await member('b9', 1, []);
    await link('b9');
    await take('u9', 1, { presence: 'active', attributes: {}, references: { manager: 'b9', assistant: 'b9' } });
    const applied = { presence: 'active', attributes: {} } as const;
    const references = { shown: { manager: 't-b9', assistant: 't-other' }, at: NOW };
    const intent = { kind: 'link', targetId: 't-u9', targetVersion: null, applied, references } as const;
    await settle.recordIntents([{ fence, objectId: 'u9', objectType: 'user', intent }]);
    const [waiting] = await edges.referencesOf([{ spConnection: 'sp', objectId: 'u9' }], NOW);
    expect(waiting).toMatchObject([{ kind: 'assistant' }]);
  });

  it('is cleared where a comparison found another value and the reference is dropped before it is sent again', async () => {
    const withManager = (sequence: number, references: Record<string, string>) =>
      take('u10', sequence, { presence: 'active', attributes: {}, references });
    await member('b10', 1, []);
    await link('b10');
    await withManager(1, { manager: 'b10' });
    await link('u10');
    const waiting = async () => (await edges.referencesOf([{ spConnection: 'sp', objectId: 'u10' }], NOW))[0];
    await waiting();
    await answer({ memberId: 'u10', kind: 'manager', otherId: 'b10', desired: true });
    const of = { objectIds: ['u10'], paths: ['manager'], settledAt: NOW + 1 };
    const known = async () => (await knownReferences(database, 'sp', of)).get('u10');
    expect(await known()).toMatchObject([{ otherId: 'b10', targetId: 't-b10', desired: true, settled: true }]);
    const found = { memberId: 'u10', memberTargetId: 't-u10', kind: 'manager', otherId: 'b10', settledAt: NOW + 1 };
    await database.transaction((tx) => correctReferences(tx, 'sp', [{ ...found, occupied: true }], NOW));
    await withManager(2, {});
    expect(await waiting()).toMatchObject([{ otherId: 'b10', desired: false }]);
    await answer({ memberId: 'u10', kind: 'manager', otherId: 'b10', desired: false });
    // It is known to have been ours.
    expect(await known()).toMatchObject([{ otherId: 'b10', desired: false, applied: false, settled: true }]);
    expect(await waiting()).toEqual([]);
  });

  it('waits for no clock: a membership that was never sent is due, whatever its writer thought the time was', async () => {
    await joined('m6', 'g6');
    const behind = NOW - 600_000;
    expect(await edges.membershipsOf({ spConnection: 'sp', objectId: 'g6' }, 10, behind)).toHaveLength(1);
  });
});
