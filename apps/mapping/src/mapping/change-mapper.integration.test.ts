import { document, provisioningCommands } from '@provisor/contracts';
import { systemClock } from '@provisor/host';
import type { OutgoingRecord } from '@provisor/kafka';
import {
  ConnectionStore,
  LedgerStore,
  mappingSchema,
  openDatabase,
  ScopeGroupStore,
  type Database,
} from '@provisor/persistence';
import { silentLogger } from '@provisor/telemetry';
import { createTestDatabase, until, type TestDatabase } from '@provisor/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionCatalog } from '../configuration/connection-catalog.js';
import { channel, user } from '../examples.fixture.js';
import { ScopeGroups } from '../groups/scope-groups.js';
import { ChangeMapper } from './change-mapper.js';

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { url } = testDatabase;
  database = await openDatabase({ url, schema: mappingSchema, log: silentLogger, applicationName: 'test' });
});
beforeEach(() => database.query('truncate ledger, connections, scope_groups'));
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function configuration(version: number, attributes: Record<string, unknown>) {
  const target = { type: 'scim', baseUrl: 'https://scim.example/v2', auth: { type: 'none' } };
  const parsed = document.parse({
    apiVersion: 'provisor/v1',
    kind: 'SpConnection',
    metadata: { name: 'slack' },
    spec: { target, channels: [channel({ attributes })] },
  });
  return { version, document: parsed, appliedAt: '2026-01-01T00:00:00Z', appliedBy: 'test' };
}

function mapperOf(
  ledger: LedgerStore,
  send: (records: readonly OutgoingRecord[]) => Promise<void>,
  connections = new ConnectionStore(),
) {
  const catalog = new ConnectionCatalog({ log: silentLogger, canSeal: false });
  catalog.take('SpConnection/slack', configuration(1, { userName: 'uid' }));
  const mapper = new ChangeMapper({
    database,
    ledger,
    connections,
    groupStore: new ScopeGroupStore(),
    groups: new ScopeGroups(),
    catalog,
    producer: { send },
    seal: undefined,
    onEvaluationDue: () => undefined,
    clock: systemClock,
    log: silentLogger,
  });
  return { mapper, catalog };
}
const source = (id: string, sequence: number, attributes = { uid: [id] }) => ({
  change: user(id, sequence, { attributes }),
  traceparent: undefined,
  timestamp: 0,
  folds: false,
});
const ids = (records: readonly OutgoingRecord[]) => records.map(({ headers }) => headers?.['ce_id']);

describe('ChangeMapper', () => {
  it('publishes before it writes the ledger, so that a crash in between repeats commands instead of losing them', async () => {
    class CrashingLedger extends LedgerStore {
      crashes = 1;
      override async save(...args: Parameters<LedgerStore['save']>): Promise<void> {
        if (this.crashes-- > 0) throw new Error('crash');
        await super.save(...args);
      }
    }
    const sent: OutgoingRecord[] = [];
    const { mapper } = mapperOf(new CrashingLedger(), async (records) => void sent.push(...records));
    const batch = [source('a', 1), source('b', 1)];
    await expect(mapper.map(0, batch, { kind: 'live' })).rejects.toThrow('crash');
    await mapper.map(0, batch, { kind: 'live' });
    await mapper.map(0, batch, { kind: 'live' });
    expect(ids(sent)).toEqual(['slack:a:1.1', 'slack:b:1.1', 'slack:a:1.1', 'slack:b:1.1']);
    expect(sent.every(({ topic }) => topic === provisioningCommands('scim').name)).toBe(true);
  });

  it('writes nothing when the publication fails', async () => {
    const { mapper } = mapperOf(new LedgerStore(), () => Promise.reject(new Error('no broker')));
    await expect(mapper.map(0, [source('a', 1)], { kind: 'live' })).rejects.toThrow('no broker');
    expect(await database.query('select * from ledger')).toEqual([]);
  });

  it('drops what is stale, and moves the version on for what changes nothing', async () => {
    const sent: OutgoingRecord[] = [];
    const { mapper } = mapperOf(new LedgerStore(), async (records) => void sent.push(...records));
    await mapper.map(0, [source('a', 5)], { kind: 'live' });
    await mapper.map(0, [source('a', 7)], { kind: 'live' });
    await mapper.map(0, [source('a', 6, { uid: ['other'] })], { kind: 'live' });
    expect(ids(sent)).toEqual(['slack:a:5.1']);
    expect(await database.query('select sequence::int as sequence from ledger')).toEqual([{ sequence: 7 }]);
  });

  it('waits with an older configuration until its own view has what another replica has announced', async () => {
    const sent: OutgoingRecord[] = [];
    class CountingStore extends ConnectionStore {
      looks = 0;
      override list(...args: Parameters<ConnectionStore['list']>) {
        this.looks += 1;
        return super.list(...args);
      }
    }
    const store = new CountingStore();
    const { mapper, catalog } = mapperOf(new LedgerStore(), async (records) => void sent.push(...records), store);
    const announced = [{ spConnection: 'slack', version: 2, stopped: false }];
    await new ConnectionStore().note(database, announced);
    const mapping = mapper.map(0, [source('a', 1)], { kind: 'live' });
    await until('repeated looks', () => store.looks >= 3);
    expect(sent).toEqual([]);
    catalog.take('SpConnection/slack', configuration(2, { userName: 'uid', title: { constant: 'new' } }));
    await mapping;
    expect(ids(sent)).toEqual(['slack:a:1.2']);
  });

  it('decides about a partition one batch after the other', async () => {
    let running = 0;
    let most = 0;
    const { mapper } = mapperOf(new LedgerStore(), async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    const runs = Array.from({ length: 8 }, (_, n) =>
      mapper.map(3, [source(`u${n}`, 1)], n % 2 === 0 ? { kind: 'live' } : evaluation),
    );
    await Promise.all(runs);
    expect(most).toBe(1);
  });
});

const evaluation = { kind: 'evaluation', spConnections: new Set(['slack']) } as const;
